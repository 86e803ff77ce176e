#include "acquire/git/on_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

#include "acquire/files.h"
#include "acquire/git/reader.h"
#include "acquire/git/work_tree.h"
#include "base/digest.h"
#include "base/reader.h"

namespace minescan::acquire {
namespace {

using Kind = TreeFile::Kind;

// A pointer file of Git LFS is smaller (its specification says below 1,024 bytes).
constexpr std::uint64_t kMostPointer = 1024;
// Of a larger file its size is asked for before it is read.
constexpr std::uint64_t kLarge = std::uint64_t{64} << 20;

struct DirectoryCloser {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, DirectoryCloser>;

bool is_file(Kind kind) { return kind == Kind::file || kind == Kind::executable; }

// A path that a system may be asked for, which one too long to be read may not be.
std::string shortened(std::string folder) {
  constexpr std::size_t kLongest = 3000;
  while (folder.size() > kLongest) folder.resize(folder.rfind('/'));
  return folder;
}

// What a pointer of Git LFS stands for.
struct Pointer {
  std::string sha256;  // as Hasher writes it
  std::uint64_t size = 0;
};

std::optional<Pointer> pointer_in(std::string_view text) {
  constexpr std::string_view kId = "\noid sha256:", kSize = "\nsize ";
  constexpr std::size_t kHex = 64;
  const auto id = text.find(kId), size = text.find(kSize);
  if (!text.starts_with("version https://") || id == std::string_view::npos ||
      size == std::string_view::npos) {
    return std::nullopt;
  }
  Pointer pointer;
  pointer.sha256 = "sha256:" + std::string(text.substr(id + kId.size(), kHex));
  const std::string_view digits = text.substr(size + kSize.size());
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), pointer.size);
  if (end.ec != std::errc{} || !is_digest(pointer.sha256)) return std::nullopt;
  return pointer;
}

class DiskComparison {
 public:
  DiskComparison(const OnDisk& side, TrackedFiles tracked)
      : side_(side), tracked_(std::move(tracked)) {}

  Result<std::vector<FileChange>> run();

 private:
  struct Folder {
    std::string path;      // "" = the root
    bool ignored = false;  // only what is tracked counts
  };

  Result<void> look_into(const Folder& folder);
  void see_folder(std::string path, bool ignored);
  void see_file(const std::string& path, bool ignored);
  bool see_submodule(const std::string& path, Tracked& known);
  bool has_tracked_below(const std::string& folder) const;
  std::string at(const std::string& path) const {
    return path.empty() ? side_.root : side_.root + "/" + path;
  }
  bool is_same(const std::string& path, const TreeFile& base) const;
  bool has_same_bytes(int file, std::uint64_t size, const std::string& id) const;
  // Calls use(bytes) for all bytes from the first on; false when they cannot be read.
  template <class Use>
  bool each_piece(int file, const Use& use) const;
  void add(std::string path, TreeFile before, TreeFile after) {
    changes_.push_back({std::move(path), std::move(before), std::move(after)});
  }

  const OnDisk& side_;
  TrackedFiles tracked_;
  std::vector<Folder> todo_;
  std::vector<FileChange> changes_;
};

template <class Use>
bool DiskComparison::each_piece(int file, const Use& use) const {
  std::array<std::byte, std::size_t{1} << 17> room;
  for (off_t offset = 0;;) {
    side_.beat();
    const ssize_t n = ::pread(file, room.data(), room.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0;
    offset += n;
    use(ByteView(room.data(), static_cast<std::size_t>(n)));
  }
}

// As git names a blob of so many bytes.
Hasher blob_hasher(std::uint64_t size) {
  Hasher hasher("sha1");
  const std::string header = "blob " + std::to_string(size);
  hasher.update(as_bytes(header));
  hasher.update(as_bytes(std::string_view("\0", 1)));
  return hasher;
}

// The bytes, or what git makes of them when it adds them: line feeds of carriage returns with line
// feeds, and a pointer of a large file.
bool DiskComparison::has_same_bytes(int file, std::uint64_t size, const std::string& id) const {
  const std::string wanted = "sha1:" + id;
  if (size > kLarge) {
    const auto promised = side_.size(id);
    // A carriage return for each byte is the most that there can be.
    if (!promised || (*promised > kMostPointer && *promised < size / 2)) return false;
  }
  Hasher whole = blob_hasher(size);
  std::uint64_t ends = 0;  // of lines, that are two bytes
  bool held = false;       // the last byte was a carriage return
  if (!each_piece(file, [&](ByteView bytes) {
        whole.update(bytes);
        std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (held && text.front() == '\n') ++ends;
        held = text.back() == '\r';
        for (auto at = text.find('\r'); at != std::string_view::npos;
             at = text.find('\r', at + 1)) {
          if (at + 1 < text.size() && text[at + 1] == '\n') ++ends;
        }
      })) {
    return false;
  }
  if (whole.finish() == wanted) return true;
  if (ends != 0) {
    Hasher shorter = blob_hasher(size - ends);
    held = false;
    std::string kept;
    each_piece(file, [&](ByteView bytes) {
      kept.clear();
      for (const std::byte b : bytes) {
        const char c = static_cast<char>(b);
        if (held && c != '\n') kept += '\r';
        held = c == '\r';
        if (!held) kept += c;
      }
      shorter.update(as_bytes(kept));
    });
    if (held) shorter.update(as_bytes(std::string_view("\r")));
    if (shorter.finish() == wanted) return true;
  }
  const auto promised = side_.size(id);
  if (!promised || *promised > kMostPointer) return false;
  const auto pointer = pointer_in(side_.small_blob(id));
  if (!pointer || pointer->size != size) return false;
  Hasher large;
  return each_piece(file, [&](ByteView bytes) { large.update(bytes); }) &&
         large.finish() == pointer->sha256;
}

bool DiskComparison::is_same(const std::string& path, const TreeFile& base) const {
  if (base.kind == Kind::link) {
    const auto target = read_on_disk(side_.root, path, true, 0);
    if (!target) return false;
    Hasher hasher = blob_hasher(target->size());
    hasher.update(as_bytes(*target));
    return hasher.finish() == "sha1:" + base.id;
  }
  const Fd file(::open(at(path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  return file.valid() && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) &&
         has_same_bytes(file.get(), static_cast<std::uint64_t>(info.st_size), base.id);
}

bool DiskComparison::has_tracked_below(const std::string& folder) const {
  const auto next = tracked_.lower_bound(folder + "/");
  return next != tracked_.end() && next->first.starts_with(folder + "/");
}

void DiskComparison::see_file(const std::string& path, bool ignored) {
  const TreeFile now = file_on_disk(side_.root, path);
  const auto known = tracked_.find(path);
  if (known == tracked_.end()) {
    // What is neither a file nor a link holds nothing.
    if (now.kind == Kind::none || ignored || side_.ignored.ignores(path, false)) return;
    return add(path, {}, now);
  }
  known->second.on_disk = true;
  const TreeFile& base = known->second.base;
  const bool same_kind =
      is_file(base.kind) ? is_file(now.kind) : base.kind == Kind::link && now.kind == base.kind;
  if (same_kind && is_same(path, base)) return;
  if (base.kind != Kind::none || now.kind != Kind::none) add(path, base, now);
}

// False when the folder is to be looked into as any other.
bool DiskComparison::see_submodule(const std::string& path, Tracked& known) {
  const bool in_base = known.base.kind == Kind::submodule;
  const std::string wanted = in_base ? known.base.id : known.index.id;
  const Directory directory(::opendir(at(path).c_str()));
  bool empty = true, repository = false;
  while (directory) {
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    empty = false;
    repository = repository || name == ".git";
  }
  // What cannot be listed is seen to when it is looked into.
  if (directory && empty) {
    known.on_disk = true;
    if (known.index != known.base) add(path, known.base, known.index);
    return true;
  }
  if (!repository) return false;
  known.on_disk = true;
  const OnDisk::Submodule now = side_.submodule(path, wanted);
  if (in_base && now.clean && now.commit == wanted) return true;
  add(path, known.base, {Kind::submodule, now.commit});
  return true;
}

void DiskComparison::see_folder(std::string path, bool ignored) {
  const auto known = tracked_.find(path);
  if (known != tracked_.end() &&
      (known->second.base.kind == Kind::submodule || known->second.index.kind == Kind::submodule) &&
      see_submodule(path, known->second)) {
    return;
  }
  ignored = ignored || side_.ignored.ignores(path, true);
  if (ignored && !has_tracked_below(path)) return;
  todo_.push_back({std::move(path), ignored});
}

Result<void> DiskComparison::look_into(const Folder& folder) {
  const Directory directory(::opendir(at(folder.path).c_str()));
  const auto unread = [&]() -> Result<void> {
    if (folder.path.empty()) return tl::unexpected(system_error(errno, "list", side_.root));
    add(shortened(folder.path), {}, {Kind::file, ""});
    return {};
  };
  if (!directory) return errno == ENOENT && !folder.path.empty() ? Result<void>() : unread();
  std::vector<std::pair<std::string, bool>> entries;  // and whether it is a folder
  bool other_repository = false;
  while (true) {
    side_.beat();
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (name == ".git" && folder.path.empty()) continue;
    bool is_folder = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat info {};
      is_folder =
          ::lstat(at(folder.path.empty() ? name : folder.path + "/" + name).c_str(), &info) == 0 &&
          S_ISDIR(info.st_mode);
    }
    // As git tells one: a file that leads to it, or a folder with a HEAD.
    struct stat info {};
    const std::string head = at(folder.path) + "/.git/HEAD";
    if (name == ".git" && (!is_folder || ::lstat(head.c_str(), &info) == 0)) {
      other_repository = true;
      continue;
    }
    entries.emplace_back(name, is_folder);
  }
  if (errno != 0) {
    if (const auto done = unread(); !done) return done;
  }
  if (other_repository) {
    add(folder.path, {}, {Kind::submodule, ""});
    if (!has_tracked_below(folder.path)) return {};
  }
  for (auto& [name, is_folder] : entries) {
    std::string path = folder.path.empty() ? std::move(name) : folder.path + "/" + name;
    if (is_folder) {
      see_folder(std::move(path), folder.ignored);
    } else {
      see_file(path, folder.ignored);
    }
    if (changes_.size() > kMostPaths) return too_many_paths();
  }
  return {};
}

Result<std::vector<FileChange>> DiskComparison::run() {
  todo_.push_back({});
  while (!todo_.empty()) {
    const Folder folder = std::move(todo_.back());
    todo_.pop_back();
    MINESCAN_TRY(look_into(folder));
  }
  for (auto& [path, known] : tracked_) {
    if (!known.on_disk && !known.may_lack && known.base.kind != Kind::none) {
      add(path, known.base, {});
    }
  }
  std::sort(changes_.begin(), changes_.end(),
            [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
  return std::move(changes_);
}

}  // namespace

Result<std::vector<FileChange>> compare_on_disk(const OnDisk& side, TrackedFiles tracked) {
  return DiskComparison(side, std::move(tracked)).run();
}

}  // namespace minescan::acquire
