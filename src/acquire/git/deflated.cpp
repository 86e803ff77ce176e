#include "acquire/git/deflated.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "acquire/files.h"
#include "base/reader.h"

namespace minescan::acquire {
namespace {

// Most objects are smaller than the first; what is longer is read in larger pieces.
constexpr std::size_t kFirst = std::size_t{4} << 10;
constexpr std::size_t kMore = std::size_t{64} << 10;
constexpr std::size_t kHeader = 2;
constexpr std::size_t kTrailer = 4;

// The last one that was used.  Its tables are larger than most objects, and a history has many.
std::unique_ptr<unpack::Inflater>& spare() {
  static thread_local std::unique_ptr<unpack::Inflater> inflater;
  return inflater;
}

}  // namespace

Deflated::Deflated(int file, std::uint64_t offset)
    : file_(file), offset_(offset), inflater_(std::move(spare())) {
  if (inflater_) {
    inflater_->reset();
  } else {
    inflater_ = std::make_unique<unpack::Inflater>(unpack::Inflater::Checksum::adler32);
  }
}

Deflated::~Deflated() { spare() = std::move(inflater_); }

Result<void> Deflated::fill() {
  // What is not used stays in front of what comes.
  const auto front = buffer_.begin();
  std::copy(front + static_cast<std::ptrdiff_t>(used_), front + static_cast<std::ptrdiff_t>(have_),
            front);
  have_ -= used_;
  used_ = 0;
  buffer_.resize(buffer_.empty() ? kFirst : have_ + kMore);
  while (true) {
    const ssize_t n =
        ::pread(file_, buffer_.data() + have_, buffer_.size() - have_, static_cast<off_t>(offset_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Code::io, "cannot be read: " + errno_text(errno));
    if (n == 0) return fail(Code::truncated, "is cut off");
    have_ += static_cast<std::size_t>(n);
    offset_ += static_cast<std::uint64_t>(n);
    return {};
  }
}

Result<void> Deflated::need(std::size_t bytes) {
  while (have_ - used_ < bytes) MINESCAN_TRY(fill());
  return {};
}

// Some bytes, none only at the end of the stream.
Result<std::size_t> Deflated::make(std::byte* to, std::size_t most) {
  if (!started_) {
    MINESCAN_TRY(need(kHeader));
    const auto method = std::to_integer<unsigned>(buffer_[used_]);
    const auto flags = std::to_integer<unsigned>(buffer_[used_ + 1]);
    // RFC 1950: deflate, check bits, no dictionary.
    if ((method & 0x0fU) != 8 || (method * 256 + flags) % 31 != 0 || (flags & 0x20U) != 0) {
      return fail(Code::corrupt, "is not compressed as git does it");
    }
    used_ += kHeader;
    started_ = true;
  }
  while (!body_ended_) {
    const auto progress = inflater_->run(ready(), {to, most});
    used_ += progress.used;
    body_ended_ = progress.end;
    if (progress.bad) return fail(Code::corrupt, "has bytes that cannot be inflated");
    if (progress.made != 0) return progress.made;
    if (progress.used == 0 && !body_ended_) MINESCAN_TRY(fill());
  }
  return std::size_t{0};
}

Result<void> Deflated::append(std::string& out, std::uint64_t want) {
  constexpr std::uint64_t kStep = std::uint64_t{64} << 10;  // of memory
  std::size_t have = out.size();
  const std::uint64_t whole = have + want;
  while (have < whole) {
    // At first what most objects have, then twice as much each time.
    const std::uint64_t room = std::max<std::uint64_t>(kStep, have);
    if (have == out.size()) {
      out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(whole, have + room)));
    }
    auto made = make(reinterpret_cast<std::byte*>(out.data()) + have, out.size() - have);
    if (!made) return tl::unexpected(made.error());
    if (*made == 0) break;
    have += *made;
  }
  out.resize(have);
  return {};
}

Result<void> Deflated::finish() {
  std::byte more{};
  MINESCAN_TRY_ASSIGN(const std::size_t made, make(&more, 1));
  if (made != 0) return fail(Code::corrupt, "is longer than it says");
  MINESCAN_TRY(need(kTrailer));
  if (Reader(ready()).big<std::uint32_t>() != inflater_->checksum()) {
    return fail(Code::corrupt, "has a checksum that does not match");
  }
  used_ += kTrailer;
  return {};
}

}  // namespace minescan::acquire
