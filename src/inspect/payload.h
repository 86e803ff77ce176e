#pragma once
// Archives and programs that are appended to a shell script, which unpacks itself.

#include <cstdint>

#include "base/bytes.h"

namespace minescan::inspect {

// How long the script at the front of `head` is when something else follows it there: a line end,
// then a program or what `known` takes for a container.  0 when there is only the script.
std::uint64_t script_length(ByteView head, bool (*known)(ByteView rest));

}  // namespace minescan::inspect
