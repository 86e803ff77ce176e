#pragma once
// A temporary file without a name: gone when it is closed, whatever happens to the process.  In
// $TMPDIR, or /tmp.

#include <string>

#include "base/bytes.h"
#include "base/handle.h"
#include "base/result.h"
#include "base/source.h"

namespace minescan::acquire {

Result<Fd> temp_file();

// Appends; the Error of a full disk says where space is needed.
Result<void> append(const Fd& file, ByteView bytes);

// The rest of a source into a temporary file.  `what` names the source in messages.
// Code::limit_bytes above `limit`; the source's own fault when it ends early.
Result<Fd> spool(Source& source, const std::string& what, std::uint64_t limit);

}  // namespace minescan::acquire
