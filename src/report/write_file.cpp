// Writing a report so that nobody ever reads half of one, and nothing is written where a link in
// the way points.
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/handle.h"
#include "base/printable.h"
#include "base/write_all.h"
#include "report/report.h"

namespace minescan::report {
namespace {

tl::unexpected<Error> failed(const std::string& path, std::string_view doing, int error) {
  return fail(Code::io, "'" + printable(path) + "' cannot be written: " + std::string(doing) +
                            ": " + std::strerror(error) + "; name another file with -o");
}

tl::unexpected<Error> refused(const std::string& path, std::string_view why) {
  return fail(Code::usage, "'" + printable(path) + "' is not written, because it is " +
                               std::string(why) + "; name another file with -o");
}

Result<void> write_content(int fd, const std::string& path, std::string_view content) {
  if (write_all(fd, as_bytes(content))) return {};
  return failed(path, "writing fails", errno);
}

// "/dev/stdout" and the like are links by nature: they mean a descriptor of this process.
int standard_descriptor(std::string_view path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const std::string_view number = path.substr(folder.size());
    int fd = -1;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fd);
    if (error == std::errc() && end == number.data() + number.size() && fd >= 0) return fd;
  }
  return -1;
}

// Devices and FIFOs hold no file to replace.
Result<void> write_directly(const std::string& path, std::string_view content) {
  // Opening a FIFO that nobody reads would wait for ever; a reader that is just starting is given
  // five seconds.
  Fd file;
  for (int tries = 0; tries < 250; ++tries) {
    file = Fd(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    if (file.valid() || errno != ENXIO) break;
    ::usleep(20'000);
  }
  if (!file.valid() && errno == ENXIO) return refused(path, "a FIFO that nobody reads");
  if (!file.valid()) return failed(path, "opening fails", errno);
  const int flags = ::fcntl(file.get(), F_GETFL);
  if (flags < 0 || ::fcntl(file.get(), F_SETFL, flags & ~O_NONBLOCK) < 0) {
    return failed(path, "opening fails", errno);
  }
  return write_content(file.get(), path, content);
}

struct Temporary {
  std::string path;
  Fd file;
};

// A new file in `folder` ("" or ending in "/") that nobody else can have prepared.
Result<Temporary> make_temporary(const std::string& folder, const std::string& path) {
  // Names of 64 random bits collide only with someone's help; then another one is tried.
  for (int attempt = 0; attempt < 16; ++attempt) {
    std::array<std::byte, 8> random;
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
      return failed(path, "no random numbers", errno);
    }
    Temporary temporary;
    temporary.path = folder + ".minescan-" + hex(random) + ".tmp";
    // 0666 with the umask: whoever collects reports in a pipeline is often another user.
    temporary.file = Fd(
        ::open(temporary.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (temporary.file.valid()) return temporary;
    if (errno != EEXIST) return failed(path, "its folder takes no new file", errno);
  }
  return failed(path, "its folder takes no new file", EEXIST);
}

Result<void> finish(Temporary& temporary, const std::string& path, std::string_view content) {
  MINESCAN_TRY(write_content(temporary.file.get(), path, content));
  // Network file systems report a full disk only here.
  if (::fsync(temporary.file.get()) != 0) return failed(path, "writing fails", errno);
  if (::rename(temporary.path.c_str(), path.c_str()) != 0) {
    return failed(path, "renaming fails", errno);
  }
  return {};
}

Result<void> replace_file(const std::string& path, std::string_view content) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);  // npos + 1 is 0
  MINESCAN_TRY_ASSIGN(Temporary temporary, make_temporary(folder, path));
  Result<void> result = finish(temporary, path, content);
  if (!result.has_value()) {
    ::unlink(temporary.path.c_str());
    return result;
  }
  // The new name survives a power cut only with its folder; a folder that cannot be opened (no
  // read permission) is no reason to doubt the file.
  const Fd directory(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.valid()) ::fsync(directory.get());
  return {};
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view content) {
  if (path.empty() || path.find('\0') != std::string::npos) {
    return fail(Code::usage, "the file to write has no name; name one with -o");
  }
  if (const int fd = standard_descriptor(path); fd >= 0) return write_content(fd, path, content);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno != ENOENT || path.ends_with('/')) return failed(path, "looking at it fails", errno);
    return replace_file(path, content);
  }
  if (S_ISDIR(status.st_mode)) return refused(path, "a directory");
  if (S_ISLNK(status.st_mode)) return refused(path, "a symbolic link");
  if (S_ISSOCK(status.st_mode)) return refused(path, "a socket");
  if (S_ISREG(status.st_mode)) return replace_file(path, content);
  return write_directly(path, content);
}

}  // namespace minescan::report
