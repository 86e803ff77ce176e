#pragma once
// A temporary file without a name: gone when it is closed, whatever happens to the process.  In
// $TMPDIR, or /tmp.

#include "base/bytes.h"
#include "base/handle.h"
#include "base/result.h"

namespace minescan::acquire {

Result<Fd> temp_file();

// Appends; the Error of a full disk says where space is needed.
Result<void> append(const Fd& file, ByteView bytes);

}  // namespace minescan::acquire
