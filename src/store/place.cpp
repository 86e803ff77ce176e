#include "store/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "base/digest.h"
#include "base/printable.h"
#include "base/write_all.h"

namespace minescan::store {
namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr const char* kRecords = "v1";
constexpr const char* kSecret = "key";
constexpr std::string_view kUnfinished = ".new-";
constexpr std::size_t kNameDigits = 63;  // of a SHA-256 without the shard's

std::string quoted(const std::string& path) { return "'" + printable(path) + "'"; }

tl::unexpected<Error> refused(const std::string& what, const std::string& why) {
  return fail(Code::refused, what + " " + why);
}

tl::unexpected<Error> failed(int number, const std::string& doing, const std::string& path,
                             const Purpose& purpose = {}) {
  return fail(number == ENOENT ? Code::not_found : Code::io,
              "cannot " + doing + " the " + purpose.name + " directory " + quoted(path) + ": " +
                  std::generic_category().message(number));
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string random_name(std::string_view prefix) {
  std::array<std::byte, 8> number{};
  if (::getentropy(number.data(), number.size()) != 0) return {};
  return std::string(prefix) + hex(number);
}

// Makes the folder and those above it.  Not in the folder of another user: root would leave one
// there that its owner cannot use.
Result<void> make_directory(const std::string& path, const Purpose& purpose) {
  std::size_t end = path.size();
  struct stat info {};
  while (true) {
    const std::size_t slash = path.rfind('/', end == 0 ? 0 : end - 1);
    if (slash == std::string::npos || end == 0) {
      end = 0;
      break;
    }
    end = slash;
    const std::string above = end == 0 ? "/" : path.substr(0, end);
    if (::stat(above.c_str(), &info) == 0) break;
    if (errno != ENOENT) return failed(errno, "reach", path, purpose);
  }
  if (end == 0 && path.front() != '/' && ::stat(".", &info) != 0) {
    return failed(errno, "reach", path, purpose);
  }
  if (info.st_uid != ::geteuid() && info.st_uid != 0) {
    return fail(Code::io, "cannot make the " + std::string(purpose.name) + " directory " +
                              quoted(path) + ": it would lie in a directory of another user");
  }
  while (end < path.size()) {
    end = std::min(path.find('/', end + 1), path.size());
    if (::mkdir(path.substr(0, end).c_str(), 0700) != 0 && errno != EEXIST) {
      return failed(errno, "make", path, purpose);
    }
  }
  return {};
}

// The secret in the file; nothing when the file is not there.  One of another size was cut short
// by a crash and is none either.
Result<std::optional<Secret>> read_secret(const Fd& directory, const std::string& path) {
  const std::string what = "the key of the cache " + quoted(path);
  const Fd file(::openat(directory.get(), kSecret, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == ELOOP) return refused(what, "is a link; remove it");
    return failed(errno, "read the key of", path);
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return failed(errno, "read the key of", path);
  if (!S_ISREG(info.st_mode)) return refused(what, "is no file; remove it");
  if (info.st_uid != ::geteuid()) return refused(what, "belongs to another user; remove it");
  if ((info.st_mode & 077) != 0) {
    return refused(what, "is open to others; run minescan cache clean, or remove it");
  }
  Secret secret{};
  const ssize_t got = ::read(file.get(), secret.data(), secret.size());
  if (got < 0) return failed(errno, "read the key of", path);
  if (static_cast<std::size_t>(got) == secret.size() &&
      static_cast<std::size_t>(info.st_size) == secret.size()) {
    return secret;
  }
  ::unlinkat(directory.get(), kSecret, 0);
  return std::nullopt;
}

// False when it cannot be made; true also when another process was faster.
bool make_secret(const Fd& directory) {
  Secret secret{};
  const std::string name = random_name(kUnfinished);
  if (name.empty() || ::getentropy(secret.data(), secret.size()) != 0) return false;
  bool made = false;
  {
    const Fd file(::openat(directory.get(), name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    // On the disk before it has its name: a crash must not leave a key of zeros.
    made = file.valid() && write_all(file.get(), secret) && ::fsync(file.get()) == 0;
  }
  // A link is never put over another's key, as a rename would be.
  if (made && ::linkat(directory.get(), name.c_str(), directory.get(), kSecret, 0) != 0) {
    made = errno == EEXIST;
  }
  const int reason = errno;
  ::unlinkat(directory.get(), name.c_str(), 0);
  errno = reason;
  return made;
}

}  // namespace

std::string shard_name(std::size_t shard) { return {"0123456789abcdef"[shard % kShards]}; }

Result<Fd> open_directory(const std::string& name, bool make, const Purpose& purpose) {
  std::string path = name;
  // With a slash behind it a link would be followed.
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::string what = "the " + std::string(purpose.name) + " directory " + quoted(path);
  if (path.empty()) {
    return fail(Code::io, "the name of the " + std::string(purpose.name) + " directory is empty");
  }
  Fd directory(::open(path.c_str(), kDirectory));
  if (!directory.valid() && errno == ENOENT && make) {
    MINESCAN_TRY(make_directory(path, purpose));
    directory = Fd(::open(path.c_str(), kDirectory));
  }
  struct stat info {};
  if (!directory.valid()) {
    const int reason = errno;
    // ENOTDIR is also said of what is above it; then it is not there.
    if ((reason == ELOOP || reason == ENOTDIR) && ::lstat(path.c_str(), &info) == 0) {
      return refused(what, std::string("is a link or no directory; ") + purpose.remedy);
    }
    return failed(reason, "open", path, purpose);
  }
  if (::fstat(directory.get(), &info) != 0) return failed(errno, "open", path, purpose);
  if (info.st_uid != ::geteuid()) {
    return refused(what, std::string("belongs to another user; ") + purpose.remedy);
  }
  if ((info.st_mode & 022) != 0) {
    return refused(what, "may be written by others; run chmod go-w on it and remove what is in it");
  }
  return directory;
}

Result<Fd> open_records(const Fd& directory, const std::string& path, bool make) {
  if (make && ::mkdirat(directory.get(), kRecords, 0700) != 0 && errno != EEXIST) {
    return failed(errno, "make", path);
  }
  Fd records(::openat(directory.get(), kRecords, kDirectory));
  if (!records.valid()) return failed(errno, "open", path);
  return records;
}

Result<Secret> open_secret(const Fd& directory, const std::string& path) {
  // Whoever finds none makes one, unless another was faster; a third round is for one that was
  // removed in between.
  for (int round = 0; round < 3; ++round) {
    MINESCAN_TRY_ASSIGN(const std::optional<Secret> secret, read_secret(directory, path));
    if (secret) return *secret;
    if (!make_secret(directory)) return failed(errno, "make the key of", path);
  }
  return fail(Code::io, "the key of the cache " + quoted(path) + " vanishes again and again");
}

void remove_secret(const Fd& directory) { ::unlinkat(directory.get(), kSecret, 0); }

std::optional<std::string> read_file(const Fd& folder, const std::string& name,
                                     std::uint64_t most) {
  const Fd file(::openat(folder.get(), name.c_str(),
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return std::nullopt;
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > most) return std::nullopt;
  std::string text(static_cast<std::size_t>(size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    filled += static_cast<std::size_t>(got);
  }
  // Now it was used last.
  ::futimens(file.get(), nullptr);
  return text;
}

bool replace_file(const Fd& folder, const std::string& name, ByteView head, ByteView body) {
  const std::string unfinished =
      random_name(name.substr(0, name.find('/') + 1) + std::string(kUnfinished));
  bool written = false;
  {
    const Fd file(::openat(folder.get(), unfinished.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.valid()) return false;
    written = write_all(file.get(), head) && write_all(file.get(), body);
  }
  written =
      written && ::renameat(folder.get(), unfinished.c_str(), folder.get(), name.c_str()) == 0;
  if (!written) ::unlinkat(folder.get(), unfinished.c_str(), 0);
  return written;
}

std::vector<StoredFile> files_of(const Fd& records, std::size_t shard) {
  std::vector<StoredFile> files;
  const int folder = ::openat(records.get(), shard_name(shard).c_str(), kDirectory);
  if (folder < 0) return files;
  struct Closer {
    void operator()(DIR* directory) const { ::closedir(directory); }
  };
  const std::unique_ptr<DIR, Closer> listing(::fdopendir(folder));
  if (listing == nullptr) {
    ::close(folder);
    return files;
  }
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    const bool unfinished = name.starts_with(kUnfinished);
    if (!unfinished && (name.size() != kNameDigits || !is_hex(name))) continue;
    struct stat info {};
    if (::fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(info.st_mode)) continue;
    files.push_back({.name = std::string(name),
                     .bytes = static_cast<std::uint64_t>(info.st_blocks) * 512,
                     .used = info.st_mtim,
                     .unfinished = unfinished});
  }
  return files;
}

void remove_file(const Fd& records, std::size_t shard, const std::string& name) {
  ::unlinkat(records.get(), (shard_name(shard) + "/" + name).c_str(), 0);
}

}  // namespace minescan::store
