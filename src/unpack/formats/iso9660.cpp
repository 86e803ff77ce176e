// ISO 9660 (ECMA-119): disks, and AppImages of type 1.  Names are Rock Ridge's (IEEE P1282) where
// there are any, else Joliet's.
//
// An image begins with 32 KiB that it knows nothing of, which is why it is found by its first
// descriptor and walked from there.  It is read once, in the order of its bytes: whatever extent
// comes next is a directory, which tells of further extents, or a file.  Everybody's writers put
// directories in front of files, in any order, so what is in front of the first file is kept.  A
// file that lies before the directory which names it was passed by then, as bytes of nobody; that
// is a gap.

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "unpack/fields.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::uint64_t kSector = 2048;         // bytes; recognise() asks for blocks of that size
constexpr std::uint64_t kFirst = 16 * kSector;  // where an image has its first descriptor
constexpr std::size_t kMostDescriptors = 64;
constexpr std::size_t kMostDirectories = std::size_t{64} << 20;  // bytes of all of them
constexpr std::size_t kMostPaths = std::size_t{64} << 20;        // bytes of those that are to come
constexpr std::size_t kMostFront = std::size_t{16} << 20;        // bytes in front of the first file
constexpr std::size_t kLongestPath = std::size_t{16} << 10;
constexpr std::size_t kRecord = 33;  // bytes of a directory's record before the name

// Its names are text, its blocks of 2,048 bytes are told in both byte orders.
bool recognise(ByteView head) {
  constexpr std::size_t kNames = 8, kNamesEnd = 72, kBlock = 128;
  const std::string_view text = as_text(head);
  if (!text.starts_with(std::string_view("\1CD001\1\0", 8)) || head.size() < kBlock + 4) {
    return false;
  }
  const std::string_view names = text.substr(kNames, kNamesEnd - kNames);
  return std::all_of(names.begin(), names.end(), [](char c) { return c >= ' ' && c <= '~'; }) &&
         text.substr(kBlock, 4) == std::string_view("\0\x08\x08\0", 4);
}

std::uint32_t number(ByteView bytes, std::size_t at) { return little_at<std::uint32_t>(bytes, at); }

std::uint8_t byte_at(ByteView bytes, std::size_t at) { return little_at<std::uint8_t>(bytes, at); }

// What a directory says of one of its entries.
struct Entry {
  std::string name;
  bool own_name = false;  // Rock Ridge's
  Member::Kind kind = Member::Kind::file;
  std::uint32_t mode = 0;
  std::string target;
  std::uint64_t begin = 0;  // of its bytes in the image
  std::uint64_t size = 0;
  bool more = false;         // the next record goes on with the same file
  bool interleaved = false;  // its bytes have others between them
};

// Where a link goes: components with flags.
void add_target(ByteView parts, std::string& target) {
  constexpr unsigned kContinues = 1, kHere = 2, kParent = 4, kRoot = 8;
  while (parts.size() >= 2) {
    const unsigned flags = byte_at(parts, 0);
    const std::size_t size = std::min<std::size_t>(byte_at(parts, 1), parts.size() - 2);
    if ((flags & kHere) != 0) target += ".";
    if ((flags & kParent) != 0) target += "..";
    target += as_text(parts.subspan(2, size));
    if ((flags & kContinues) == 0 && ((flags & kRoot) != 0 || parts.size() > 2 + size)) {
      target += '/';
    }
    parts = parts.subspan(2 + size);
  }
}

// Rock Ridge's fields behind a name.  What they continue elsewhere is not looked up: a name or
// target that needs it is cut.
void read_fields(ByteView fields, Entry& entry) {
  std::string name;
  while (fields.size() >= 4) {
    const std::size_t size = byte_at(fields, 2);
    if (size < 4 || size > fields.size()) break;
    const std::string_view kind = as_text(fields.first(2));
    const ByteView body = fields.subspan(4, size - 4);
    if (kind == "NM" && !body.empty()) name += as_text(body.subspan(1));
    if (kind == "PX") entry.mode = number(body, 0);
    if (kind == "SL" && !body.empty()) {
      entry.kind = Member::Kind::symlink;
      add_target(body.subspan(1), entry.target);
    }
    fields = fields.subspan(size);
  }
  if (!name.empty()) {
    entry.name = std::move(name);
    entry.own_name = true;
  }
  constexpr std::uint32_t kType = 0170000, kRegular = 0100000, kFolder = 0040000, kLink = 0120000;
  const std::uint32_t type = entry.mode & kType;
  if (type != 0 && type != kRegular && type != kFolder && type != kLink && entry.size == 0) {
    entry.kind = Member::Kind::special;
  }
}

std::string name_of(std::string_view name, bool joliet) {
  if (joliet) {
    std::u16string wide;
    for (std::size_t i = 0; i + 1 < name.size(); i += 2) {
      wide += static_cast<char16_t>(static_cast<unsigned char>(name[i]) << 8 |
                                    static_cast<unsigned char>(name[i + 1]));
    }
    std::string text;
    for (const char16_t c : wide) append_utf8(text, c);
    name = text;
    return std::string(name.substr(0, name.rfind(';')));
  }
  name = name.substr(0, name.rfind(';'));
  if (name.ends_with('.')) name.remove_suffix(1);
  return std::string(name);
}

// The record that `bytes` begin with; nothing for the directory itself and its parent.
std::optional<Entry> read_record(ByteView record, bool joliet) {
  constexpr unsigned kFolder = 2, kMore = 0x80;
  const std::size_t length = byte_at(record, 32);
  if (record.size() < kRecord + length || length == 0) return std::nullopt;
  const std::string_view name = as_text(record.subspan(kRecord, length));
  if (length == 1 && (name[0] == '\0' || name[0] == '\1')) return std::nullopt;
  Entry entry;
  const unsigned flags = byte_at(record, 25);
  // A block count of extended attributes stands in front of the bytes.
  entry.begin = (std::uint64_t{number(record, 2)} + byte_at(record, 1)) * kSector;
  entry.size = number(record, 10);
  entry.more = (flags & kMore) != 0;
  entry.interleaved = byte_at(record, 26) != 0 || byte_at(record, 27) != 0;
  entry.kind = (flags & kFolder) != 0 ? Member::Kind::directory : Member::Kind::file;
  entry.name = name_of(name, joliet);
  const std::size_t fields = kRecord + length + (length % 2 == 0 ? 1 : 0);
  if (!joliet && fields < record.size()) read_fields(record.subspan(fields), entry);
  return entry;
}

class Disk {
 public:
  Disk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("iso9660", container, limits, sink), start_(container.position()) {}

  void run() {
    descriptors();
    while (true) {
      if (!passed_entries()) return;
      const auto next = next_extent();
      if (!next) break;
      if (!pass_to(*next)) return;
      if (walk_.at_end()) break;
      const auto folder = folders_.find(*next);
      if (folder != folders_.end()) {
        const Folder here = folder->second;
        folders_.erase(folder);
        if (!directory(here)) return;
      } else if (!files_at(*next)) {
        return;
      }
      drop_passed();
    }
    if (position() < end_ && !pass_to(end_)) return;
    tell_missed();
  }

 private:
  struct Folder {
    std::string path;  // with a slash behind it, "" for the root
    std::uint64_t size = 0;
    bool joliet = false;
  };
  struct File {
    Member member;
    std::uint64_t size = 0;
    bool own_name = false;
  };

  // Those of folders that were passed before they were named.
  bool passed_entries() {
    while (!passed_.empty()) {
      const auto one = std::move(passed_.back());
      passed_.pop_back();
      const auto at = static_cast<std::size_t>(one.first - kFirst);
      if (!entries(one.second, front_.substr(at, static_cast<std::size_t>(one.second.size)))) {
        return false;
      }
    }
    return true;
  }

  // In the image.
  [[nodiscard]] std::uint64_t position() const { return walk_.position() - start_ + kFirst; }

  // The next of the extents that are still to come.
  std::optional<std::uint64_t> next_extent() {
    std::uint64_t next = std::numeric_limits<std::uint64_t>::max();
    if (!folders_.empty()) next = folders_.begin()->first;
    if (!files_.empty()) next = std::min(next, files_.begin()->first);
    if (folders_.empty() && files_.empty()) return std::nullopt;
    return next;
  }

  // Bytes that no directory names are looked at as what they are.
  bool pass_to(std::uint64_t place) {
    while (position() < place && !walk_.at_end()) {
      keep(place - position());
      if (!walk_.stray(place - position())) return false;
    }
    return true;
  }

  // Keeps what is passed next, as long as nothing was left out.
  void keep(std::uint64_t n) {
    if (position() != kFirst + front_.size() || front_.size() + n > kMostFront) return;
    front_ += as_text(walk_.peek(static_cast<std::size_t>(n)));
  }

  void descriptors() {
    for (std::size_t count = 0; count < kMostDescriptors; ++count) {
      const ByteView sector = walk_.peek(kSector);
      if (sector.size() < 6 || as_text(sector).substr(1, 5) != "CD001") return;
      if (sector.size() < kSector) {
        ++cut_;
        walk_.own(sector.size());
        return;
      }
      const unsigned type = byte_at(sector, 0);
      const std::string_view escape = as_text(sector).substr(88, 3);
      const bool joliet = type == 2 && (escape == "%/@" || escape == "%/C" || escape == "%/E");
      if (type == 1 || type == 2) {
        end_ = std::max(end_, std::uint64_t{number(sector, 80)} * kSector);
        const ByteView root = sector.subspan(156, 34);
        add_folder(std::uint64_t{number(root, 2)} * kSector,
                   {.path = {}, .size = number(root, 10), .joliet = joliet});
      }
      keep(kSector);
      walk_.own(kSector);
      if (type == 255) return;
    }
  }

  bool may_keep(const std::string& path) {
    constexpr std::size_t kRest = 100;  // bytes that go with a path
    if (path.size() > kLongestPath || path.size() + kRest > paths_left_) return false;
    paths_left_ -= path.size() + kRest;
    return true;
  }

  void add_folder(std::uint64_t begin, Folder folder) {
    if (!known_folders_.insert(begin).second) return;
    const bool kept = begin >= kFirst && begin - kFirst < front_.size() &&
                      folder.size <= front_.size() - (begin - kFirst);
    if ((begin < position() && !(kept && folder.size <= left_)) || !may_keep(folder.path)) {
      ++missed_;
    } else if (begin < position()) {
      left_ -= static_cast<std::size_t>(folder.size);
      passed_.emplace_back(begin, std::move(folder));
    } else {
      folders_.emplace(begin, std::move(folder));
    }
  }

  bool directory(const Folder& folder) {
    std::string bytes;
    const std::uint64_t size = std::min<std::uint64_t>(folder.size, left_);
    if (size < folder.size) ++missed_;
    left_ -= static_cast<std::size_t>(size);
    while (bytes.size() < size) {
      const std::size_t before = bytes.size();
      const ByteView some = walk_.peek(
          static_cast<std::size_t>(std::min<std::uint64_t>(kSector, size - bytes.size())));
      if (some.empty()) break;
      bytes += as_text(some);
      keep(some.size());
      walk_.own(bytes.size() - before);
    }
    if (bytes.size() < size) ++cut_;
    return entries(folder, bytes);
  }

  bool entries(const Folder& folder, const std::string& bytes) {
    begun_.reset();
    // A directory begins with itself.  What does not is a file's bytes, and nobody unpacks them.
    if (!bytes.empty() && (bytes.size() < kRecord + 1 || bytes[32] != 1 || bytes[33] != 0)) {
      ++missed_;
    }
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t length = static_cast<unsigned char>(bytes[at]);
      // No record crosses the end of a sector.
      const std::size_t left = kSector - at % kSector;
      if (length == 0 || length > left) {
        at += left;
        continue;
      }
      const auto entry = read_record(
          as_bytes(bytes).subspan(at, std::min(length, bytes.size() - at)), folder.joliet);
      if (entry && !add(folder, *entry)) return false;
      at += length;
    }
    return true;
  }

  bool add(const Folder& folder, const Entry& entry) {
    const std::string path = folder.path + entry.name;
    if (entry.kind == Member::Kind::directory) {
      add_folder(entry.begin, {.path = path + "/", .size = entry.size, .joliet = folder.joliet});
    }
    Member member{.name = path, .kind = entry.kind, .target = entry.target, .mode = entry.mode};
    if (entry.kind != Member::Kind::file || entry.size == 0) {
      // Joliet tells the same once more.
      if (folder.joliet) return true;
      EmptySource nothing;
      return walk_.member(member, nothing);
    }
    if (entry.begin < position() || entry.interleaved || !may_keep(path)) {
      if (!folder.joliet || !known_files_.contains(entry.begin)) ++missed_;
      return true;
    }
    known_files_.insert(entry.begin);
    const std::uint64_t end = entry.begin + entry.size;
    // Files of 4 GiB and more have several records, each behind the other.
    if (begun_ && begun_->end == entry.begin) {
      if (!begun_->known) files_[begun_->begin].back().size += entry.size;
      begun_->end = end;
      if (!entry.more) begun_.reset();
      return true;
    }
    begun_.reset();
    auto& here = files_[entry.begin];
    const auto same = std::find_if(here.begin(), here.end(),
                                   [&](const File& file) { return file.size >= entry.size; });
    const bool known = folder.joliet && same != here.end();
    if (known) {
      if (!same->own_name) same->member.name = path;
    } else {
      here.push_back({.member = std::move(member), .size = entry.size, .own_name = entry.own_name});
    }
    if (entry.more) begun_ = Begun{.begin = entry.begin, .end = end, .known = known};
    return true;
  }

  // The files whose bytes begin here: usually one; further ones are names of the same.
  bool files_at(std::uint64_t begin) {
    std::vector<File> files = std::move(files_.begin()->second);
    files_.erase(begin);
    const auto longest = std::max_element(
        files.begin(), files.end(), [](const File& a, const File& b) { return a.size < b.size; });
    {
      BoundedSource body(walk_.container(), longest->size);
      if (!walk_.member(longest->member, body)) return false;
    }
    for (auto file = files.begin(); file != files.end(); ++file) {
      if (file == longest) continue;
      file->member.kind = Member::Kind::hardlink;
      file->member.target = longest->member.name;
      EmptySource nothing;
      if (!walk_.member(file->member, nothing)) return false;
    }
    walk_.own(padding(longest->size, kSector));
    return true;
  }

  // What begins within bytes that were something else.
  void drop_passed() {
    for (auto next = files_.begin(); next != files_.end() && next->first < position();) {
      missed_ += next->second.size();
      next = files_.erase(next);
    }
    while (!folders_.empty() && folders_.begin()->first < position()) {
      ++missed_;
      folders_.erase(folders_.begin());
    }
  }

  void tell_missed() {
    for (const auto& [begin, files] : files_) cut_ += files.size();
    cut_ += folders_.size();
    if (cut_ != 0) {
      walk_.gap(GapReason::decode_truncated,
                "iso9660 image ends before " + std::to_string(cut_) +
                    " files or directories that it names",
                0);
    }
    if (missed_ == 0) return;
    walk_.gap(GapReason::decode_unsupported,
              "iso9660 image has " + std::to_string(missed_) +
                  " files or directories in an order or form that is not read; their raw bytes "
                  "were matched",
              0);
  }

  Walk walk_;
  std::uint64_t start_;  // of the first descriptor in the container
  std::uint64_t end_ = 0;
  std::string front_;  // of the image from its first descriptor on
  std::vector<std::pair<std::uint64_t, Folder>> passed_;  // folders that lie in it
  std::map<std::uint64_t, Folder> folders_;               // by where they begin
  std::map<std::uint64_t, std::vector<File>> files_;      // by where they begin
  std::set<std::uint64_t> known_folders_;
  std::set<std::uint64_t> known_files_;
  struct Begun {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  // of what was told so far
    bool known = false;     // by another tree
  };
  std::optional<Begun> begun_;  // a file of which more is to come
  std::size_t left_ = kMostDirectories;
  std::size_t paths_left_ = kMostPaths;
  std::uint64_t missed_ = 0;  // files and folders
  std::uint64_t cut_ = 0;     // the same, behind the end
};

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  Disk(container, limits, sink).run();
}

}  // namespace

const Format kIso{.name = "iso9660", .recognise = recognise, .walk = walk};

}  // namespace minescan::unpack
