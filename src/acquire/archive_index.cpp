#include "acquire/archive_index.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "acquire/file_source.h"
#include "acquire/files.h"
#include "acquire/quoted.h"
#include "acquire/verifying_source.h"

namespace minescan::acquire {
namespace {

constexpr unsigned kMaxLinks = 8;
// Behind a large member there may be another one, so little is read; where many small ones follow
// one another, each part is twice as large as the one before, up to the second of these.
constexpr std::uint64_t kFirstPart = std::uint64_t{8} << 10;
constexpr std::uint64_t kUsualPart = std::uint64_t{4} << 20;

// All parts together, with what is carried from one to the next.  Of a part half was new, or the
// one that follows is twice as large, up to kMaxPart.
std::uint64_t most_asked(std::uint64_t file_size) {
  return 4 * std::min(file_size, std::uint64_t{1} << 60) + 2 * kMaxPart;
}

Result<std::string> bytes_at(const std::shared_ptr<const Fd>& file, const std::string& path,
                             std::uint64_t offset, std::uint64_t size) {
  FileSource source(file, path, offset, size);
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(size));
  for (ByteView some = source.peek(1); !some.empty(); some = source.peek(1)) {
    bytes += as_text(some);
    source.skip(some.size());
  }
  if (const auto fault = source.fault()) return tl::unexpected(*fault);
  return bytes;
}

Result<ArchiveHeaders> headers_of(TaskRunner* tasks, const ArchivePart& part) {
  std::optional<ArchiveHeaders> headers;
  const TaskRunner::Take take = [&](ByteView answer) {
    headers = headers_from_bytes(answer, part);
    return headers.has_value();
  };
  const std::string input = part_bytes(part);
  if (tasks != nullptr) {
    MINESCAN_TRY(tasks->run(Task::archive, as_bytes(input), take));
  } else if (!take(as_bytes(archive_task(as_bytes(input))))) {
    return fail(Code::internal, "what was read of them is not as it should be");
  }
  return std::move(*headers);
}

}  // namespace

Result<ArchiveIndex> ArchiveIndex::build(std::shared_ptr<const Fd> file, const std::string& path,
                                         TaskRunner* tasks) {
  ArchiveIndex index(std::move(file), path);
  MINESCAN_TRY(index.read_headers(tasks));
  return index;
}

Result<void> ArchiveIndex::read_headers(TaskRunner* tasks) {
  struct stat info {};
  if (::fstat(file_->get(), &info) != 0) return tl::unexpected(system_error(errno, "read", path_));
  ArchivePart part{.file_size = static_cast<std::uint64_t>(info.st_size), .state = {}};
  std::uint64_t size = kFirstPart, least = 0, asked = 0;
  while (true) {
    size = std::min(std::max(size, least), part.file_size - part.offset);
    MINESCAN_TRY_ASSIGN(const std::string bytes, bytes_at(file_, path_, part.offset, size));
    part.bytes = as_bytes(bytes);
    asked += part.bytes.size() + part.state.size();
    if (asked > most_asked(part.file_size)) {
      return fail(Code::limit_bytes,
                  "the archive " + in_quotes(path_) + " has headers that are too large to be read");
    }
    auto headers = headers_of(tasks, part);
    if (!headers) {
      return fail(headers.error().code, "the headers of the archive " + in_quotes(path_) +
                                            " are not known: " + headers.error().what);
    }
    for (ArchiveHeaders::Named& one : headers->members) {
      MINESCAN_TRY(add(std::move(one.name), std::move(one.member)));
    }
    for (const std::string& note : headers->notes) {
      if (notes_.size() < kMaxArchiveNotes) notes_.push_back("archive " + path_ + ": " + note);
    }
    if (headers->refused) {
      const bool is_archive = headers->refused->code != Code::unsupported;
      return fail(headers->refused->code, (is_archive ? "the archive " : "") + in_quotes(path_) +
                                              " " + headers->refused->what);
    }
    if (!headers->next) return check_links();
    // Far behind, or here again.
    const bool near = headers->next->offset <= part.offset + size;
    size = near ? std::max(std::min(2 * size, kUsualPart),
                           std::min(2 * headers->next->least, kMaxPart))
                : kFirstPart;
    least = headers->next->least;
    part.offset = headers->next->offset;
    part.state = std::move(headers->next->state);
  }
}

// Whoever extracts the archive writes through such a link, and finds the member elsewhere.
Result<void> ArchiveIndex::check_links() const {
  for (const auto& [name, member] : members_) {
    for (std::size_t at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1)) {
      const auto folder = members_.find(name.substr(0, at));
      if (folder != members_.end() && folder->second.kind != StoredMember::Kind::other) {
        return fail(Code::integrity, "the archive " + in_quotes(path_) + " has the member " +
                                         in_quotes(name, 200) + " below one that is no folder");
      }
    }
  }
  return {};
}

Result<void> ArchiveIndex::add(std::string name, StoredMember member) {
  const std::string where = "the archive " + in_quotes(path_);
  if (++count_ > kMaxMembers) return fail(Code::limit_entries, where + " has too many members");
  const auto known = members_.find(name);
  if (known == members_.end()) {
    members_.emplace(std::move(name), std::move(member));
    return {};
  }
  bool same = known->second.kind == member.kind && known->second.size == member.size &&
              known->second.target == member.target && known->second.plain == member.plain;
  // A blob's digest is promised by its name and checked when it is read.
  if (same && member.kind == StoredMember::Kind::file && !name.starts_with("blobs/")) {
    MINESCAN_TRY_ASSIGN(const std::string before, digest(known->second));
    MINESCAN_TRY_ASSIGN(const std::string now, digest(member));
    same = before == now;
  }
  if (!same) {
    return fail(Code::integrity, where + " has two different members named " +
                                     in_quotes(name, 200) + ", so that readers disagree about it");
  }
  known->second = std::move(member);
  return {};
}

Result<std::string> ArchiveIndex::digest(const StoredMember& member) {
  std::string& digest = digests_[member.offset];
  if (!digest.empty()) return digest;
  FileSource source(file_, path_, member.offset, member.size);
  MINESCAN_TRY_ASSIGN(digest, digest_of(source));
  return digest;
}

const StoredMember* ArchiveIndex::find(const std::string& name) const {
  auto at = members_.find(name);
  for (unsigned hops = 0; at != members_.end(); ++hops) {
    if (at->second.kind == StoredMember::Kind::file) return &at->second;
    if (at->second.kind != StoredMember::Kind::link || hops == kMaxLinks) return nullptr;
    at = members_.find(at->second.target);
  }
  return nullptr;
}

Result<std::unique_ptr<Source>> ArchiveIndex::open(const std::string& name) const {
  const std::string where = in_quotes(name, 300) + " in the archive " + in_quotes(path_);
  const StoredMember* member = find(name);
  if (member == nullptr) return fail(Code::not_found, where + " is not there");
  if (!member->plain) return fail(Code::unsupported, where + " is stored as a sparse file");
  return std::make_unique<FileSource>(file_, path_, member->offset, member->size);
}

Result<std::string> ArchiveIndex::read(const std::string& name, std::size_t limit) const {
  MINESCAN_TRY_ASSIGN(const auto source, open(name));
  return read_source(*source, in_quotes(name, 300) + " in " + in_quotes(path_), limit);
}

}  // namespace minescan::acquire
