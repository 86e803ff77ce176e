#pragma once
// Writing over signals and short writes.

#include <unistd.h>

#include <cerrno>

#include "base/bytes.h"

namespace minescan {

// Writes all of it.  False when that fails, with the reason in errno.
inline bool write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put == 0) errno = EIO;
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace minescan
