#pragma once
// Opening and reading local files whose names or contents may be hostile: nothing blocks (FIFOs,
// devices), and below a directory no link is followed.

#include <sys/stat.h>

#include <string>

#include "base/handle.h"
#include "base/result.h"
#include "base/source.h"

namespace minescan::acquire {

// "Permission denied"; safe with threads, unlike strerror.
std::string errno_text(int number);

// The Error of a failed system call about `name`: "cannot read 'x': Permission denied".  Code:
// not_found (ENOENT, ENOTDIR), refused (ELOOP: a link where none is followed), else io.
Error system_error(int number, const std::string& doing, const std::string& name);

// "a directory", "a FIFO", "a socket", "a device", "a symbolic link", "a file".
std::string_view kind_name(mode_t mode);

// A regular file that the user named, so links are followed.  Code::usage when it is something
// else.
Result<Fd> open_named_file(const std::string& path);

// A regular file below a directory; `name` is one component.  A link is refused.
Result<Fd> open_file_at(int directory, const std::string& name);

// A directory below a directory; `name` is one component.  A link is refused.
Result<Fd> open_directory_at(int directory, const std::string& name);

// The whole file from its start; Code::limit_bytes when it has more than `limit` bytes.
Result<std::string> read_whole(int file, const std::string& name, std::size_t limit);

// "sha256:…" of all that the source gives, or its fault.
Result<std::string> digest_of(Source& source);

}  // namespace minescan::acquire
