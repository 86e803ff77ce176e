#include "acquire/temp_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>

#include "acquire/files.h"
#include "acquire/quoted.h"
#include "base/write_all.h"

namespace minescan::acquire {
namespace {

std::string temp_directory() {
  const char* named = std::getenv("TMPDIR");
  return named != nullptr && *named != '\0' ? named : "/tmp";
}

}  // namespace

Result<Fd> temp_file() {
  const std::string directory = temp_directory();
  Fd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600));
  if (file.valid()) return file;
  // Not every file system has O_TMPFILE (overlay on old kernels, NFS).
  std::string path = directory + "/minescan-XXXXXX";
  Fd named(::mkostemp(path.data(), O_CLOEXEC));
  if (!named.valid()) {
    return fail(Code::io, "cannot create a temporary file in " + in_quotes(directory) + ": " +
                              errno_text(errno) + "; set TMPDIR to a directory with space");
  }
  ::unlink(path.c_str());
  return named;
}

Result<void> append(const Fd& file, ByteView bytes) {
  if (write_all(file.get(), bytes)) return {};
  return fail(Code::io, "cannot write to a temporary file in " + in_quotes(temp_directory()) +
                            ": " + errno_text(errno) +
                            "; make room there or set TMPDIR to a directory with more space");
}

}  // namespace minescan::acquire
