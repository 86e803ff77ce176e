#include "acquire/files.h"

#include "acquire/acquire.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "acquire/quoted.h"
#include "base/digest.h"

namespace minescan::acquire {
namespace {

// O_NONBLOCK: opening a FIFO must not wait for a writer.  O_NOCTTY: nor may a device become our
// terminal.
constexpr int kReadOnly = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

tl::unexpected<Error> not_a_file(mode_t mode, const std::string& name) {
  return fail(Code::usage,
              in_quotes(name) + " is " + std::string(kind_name(mode)) + ", not a file");
}

}  // namespace

std::string errno_text(int number) { return std::generic_category().message(number); }

Error system_error(int number, const std::string& doing, const std::string& name) {
  Code code = Code::io;
  if (number == ENOENT || number == ENOTDIR) code = Code::not_found;
  if (number == ELOOP) code = Code::refused;
  return {code, "cannot " + doing + " " + in_quotes(name) + ": " + errno_text(number)};
}

std::string_view kind_name(mode_t mode) {
  if (S_ISREG(mode)) return "a file";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

Result<Fd> open_named_file(const std::string& path) {
  struct stat info {};
  // Looked at first: opening a device can already do something.
  if (::stat(path.c_str(), &info) != 0) {
    return tl::unexpected(system_error(errno, "open", path));
  }
  if (!S_ISREG(info.st_mode)) return not_a_file(info.st_mode, path);
  Fd file(::open(path.c_str(), kReadOnly));
  if (!file.valid()) return tl::unexpected(system_error(errno, "open", path));
  if (::fstat(file.get(), &info) != 0) return tl::unexpected(system_error(errno, "open", path));
  if (!S_ISREG(info.st_mode)) return not_a_file(info.st_mode, path);
  return file;
}

Result<Fd> open_file_at(int directory, const std::string& name) {
  struct stat info {};
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return tl::unexpected(system_error(errno, "open", name));
  }
  if (S_ISLNK(info.st_mode)) return tl::unexpected(system_error(ELOOP, "open", name));
  if (!S_ISREG(info.st_mode)) return not_a_file(info.st_mode, name);
  Fd file(::openat(directory, name.c_str(), kReadOnly | O_NOFOLLOW));
  if (!file.valid()) return tl::unexpected(system_error(errno, "open", name));
  if (::fstat(file.get(), &info) != 0) return tl::unexpected(system_error(errno, "open", name));
  if (!S_ISREG(info.st_mode)) return not_a_file(info.st_mode, name);
  return file;
}

Result<Fd> open_directory_at(int directory, const std::string& name) {
  // Linux reports a link here as ENOTDIR, which would read as "not there".
  struct stat info {};
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
      S_ISLNK(info.st_mode)) {
    return tl::unexpected(system_error(ELOOP, "open", name));
  }
  Fd opened(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW));
  if (!opened.valid()) return tl::unexpected(system_error(errno, "open", name));
  return opened;
}

Result<std::string> read_whole(int file, const std::string& name, std::size_t limit) {
  std::string bytes;
  constexpr std::size_t kStep = std::size_t{64} << 10;
  while (true) {
    const std::size_t have = bytes.size();
    bytes.resize(have + kStep);
    const ssize_t got = ::pread(file, bytes.data() + have, kStep, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) {
      bytes.resize(have);
      continue;
    }
    if (got < 0) return tl::unexpected(system_error(errno, "read", name));
    bytes.resize(have + static_cast<std::size_t>(got));
    if (got == 0) return bytes;
    if (bytes.size() > limit) {
      return fail(Code::limit_bytes,
                  in_quotes(name) + " has more than " + std::to_string(limit) + " bytes");
    }
  }
}

Result<std::string> read_text(const std::string& path, std::size_t limit) {
  MINESCAN_TRY_ASSIGN(const Fd file, open_named_file(path));
  return read_whole(file.get(), path, limit);
}

Result<std::string> digest_of(Source& source) {
  Hasher hasher;
  for (ByteView bytes = source.peek(1); !bytes.empty(); bytes = source.peek(1)) {
    hasher.update(bytes);
    source.skip(bytes.size());
  }
  if (const auto fault = source.fault()) return tl::unexpected(*fault);
  return hasher.finish();
}

}  // namespace minescan::acquire
