#include "acquire/tree_source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "acquire/files.h"
#include "acquire/tar_header.h"
#include "model/limits.h"

namespace minescan::acquire {
namespace {

// Up to here a file is read as a whole before its header is written, so the header is right even
// when the size that the system states is not (it states 0 in /proc).
constexpr std::uint64_t kSmall = std::uint64_t{1} << 20;
// A file that states to be small may turn out this large; some in /proc never end.
constexpr std::uint64_t kMaxSmall = std::uint64_t{16} << 20;
constexpr std::size_t kStep = std::size_t{64} << 10;

}  // namespace

TreeSource::TreeSource(std::shared_ptr<TreeState> state, std::size_t first, std::size_t last)
    : state_(std::move(state)),
      opener_(state_->root, state_->listing.directories),
      next_(first),
      last_(last) {}

Result<std::size_t> TreeSource::pull(std::span<std::byte> room) {
  while (true) {
    if (ready_used_ < ready_.size()) {
      const std::size_t n = std::min(room.size(), ready_.size() - ready_used_);
      std::memcpy(room.data(), ready_.data() + ready_used_, n);
      ready_used_ += n;
      return n;
    }
    ready_.clear();
    ready_used_ = 0;
    if (file_.valid() && large_done_ < large_size_) return pull_large(room);
    if (file_.valid()) {
      finish_large();
    } else if (next_ < last_) {
      start_next();
    } else if (!ended_) {
      ended_ = true;
      ready_.assign(2 * kTarBlock, '\0');
    } else {
      return std::size_t{0};
    }
  }
}

void TreeSource::start_next() {
  const ListedFile& file = state_->listing.files[next_++];
  if (file.link) {
    ready_ = tar_symlink_header(state_->listing.path(file.directory, file.name), file.target);
  } else {
    start_file(file);
  }
}

void TreeSource::start_file(const ListedFile& file) {
  const std::string path = state_->listing.path(file.directory, file.name);
  const auto directory = opener_.open(file.directory);
  auto opened = directory ? open_file_at(*directory, file.name)
                          : Result<Fd>(tl::unexpected(directory.error()));
  if (!opened) {
    // It was a readable file's place when the tree was listed: anything but a failure of the
    // system means that someone put something else there.
    const bool unreadable = opened.error().code == Code::io;
    return gap(
        path, unreadable ? GapReason::io_unreadable : GapReason::io_changed,
        unreadable ? opened.error().what : "it was removed or replaced while the tree was scanned",
        0, file.size);
  }
  file_ = std::move(*opened);
  reader_ = {};
  const auto stated = stamp(path);
  if (!stated) {
    file_.reset();
    return gap(path, GapReason::io_unreadable, stated.error().what, 0, file.size);
  }
  before_ = *stated;
  if (before_.size <= kSmall) {
    take_small(path);
    file_.reset();
    return;
  }
  large_path_ = path;
  large_size_ = std::min(before_.size, Limits{}.unit_bytes);
  if (before_.size > large_size_) {
    gap(path, GapReason::limit_bytes,
        "it has " + std::to_string(before_.size) + " bytes, and no more than " +
            std::to_string(large_size_) + " of a file are read",
        large_size_, before_.size - large_size_);
  }
  large_done_ = 0;
  large_cut_ = false;
  ready_ = tar_file_header(path, large_size_);
}

void TreeSource::take_small(const std::string& path) {
  std::string bytes;
  while (bytes.size() < kMaxSmall) {
    const std::size_t have = bytes.size();
    bytes.resize(have + kStep);
    const ssize_t got =
        reader_.read(file_.get(), std::as_writable_bytes(std::span(bytes)).subspan(have), have);
    bytes.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) {
      gap(path, GapReason::io_unreadable, system_error(errno, "read", path).what, have,
          before_.size > have ? before_.size - have : 0);
    }
    if (got <= 0) break;
  }
  if (bytes.size() >= kMaxSmall) {
    gap(path, GapReason::limit_bytes,
        "it states to have " + std::to_string(before_.size) + " bytes, but yields more than " +
            std::to_string(kMaxSmall),
        bytes.size(), 0);
  }
  const auto after = stamp(path);
  if (!after || *after != before_) {
    gap(path, GapReason::io_changed, "it was changed while it was read", 0, 0);
  }
  ready_ = tar_file_header(path, bytes.size()) + bytes;
  ready_.append(tar_padding(bytes.size()), '\0');
}

std::size_t TreeSource::pull_large(std::span<std::byte> room) {
  const auto want =
      static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), large_size_ - large_done_));
  ssize_t got = large_cut_ ? 0 : reader_.read(file_.get(), room.first(want), large_done_);
  if (got <= 0 && !large_cut_) {
    large_cut_ = true;
    gap(large_path_, got < 0 ? GapReason::io_unreadable : GapReason::io_changed,
        got < 0 ? system_error(errno, "read", large_path_).what
                : std::string("it became shorter while it was read; zeros stand for the rest"),
        large_done_, large_size_ - large_done_);
    got = 0;
  }
  if (got == 0) {
    std::memset(room.data(), 0, want);
    got = static_cast<ssize_t>(want);
  }
  large_done_ += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

void TreeSource::finish_large() {
  const auto after = stamp(large_path_);
  if (!large_cut_ && (!after || *after != before_)) {
    const std::uint64_t grown =
        after && after->size > before_.size ? after->size - before_.size : 0;
    gap(large_path_, GapReason::io_changed,
        grown != 0 ? "it became longer while it was read; the end is not scanned"
                   : "it was changed while it was read",
        grown != 0 ? before_.size : 0, grown);
  }
  ready_.assign(tar_padding(large_size_), '\0');
  file_.reset();
}

Result<TreeSource::Stamp> TreeSource::stamp(const std::string& path) const {
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0) return tl::unexpected(system_error(errno, "read", path));
  return Stamp{static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

void TreeSource::gap(const std::string& path, GapReason reason, std::string detail,
                     std::uint64_t offset, std::uint64_t bytes) {
  Gap gap;
  gap.trail.steps = {{Step::Kind::unit, state_->name}, {Step::Kind::member, path}};
  gap.reason = reason;
  gap.detail = std::move(detail);
  gap.offset = offset;
  gap.bytes = bytes;
  const std::lock_guard lock(state_->mutex);
  state_->late_gaps.push_back(std::move(gap));
}

}  // namespace minescan::acquire
