#include "acquire/temp_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>

#include "acquire/files.h"
#include "acquire/quoted.h"
#include "base/printable.h"
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

Result<Fd> spool(Source& source, const std::string& what, std::uint64_t limit) {
  MINESCAN_TRY_ASSIGN(Fd file, temp_file());
  std::uint64_t total = 0;
  while (true) {
    const ByteView bytes = source.peek(1);
    if (bytes.empty()) break;
    total += bytes.size();
    if (total > limit) {
      return fail(Code::limit_bytes, printable(what) + " unpacks to more than " +
                                         std::to_string(limit) +
                                         " bytes; unpack it yourself and scan the result");
    }
    MINESCAN_TRY(append(file, bytes));
    source.skip(bytes.size());
  }
  if (const auto fault = source.fault()) {
    return fail(fault->code, printable(what) + ": " + fault->what);
  }
  return file;
}

}  // namespace minescan::acquire
