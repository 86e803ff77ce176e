#pragma once
// All kinds of code objects behind one door, and where they begin inside of other bytes.

#include <cstdint>
#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// The code object that begins at the first of `bytes`, or the PTX or kernel source that they are.
// A code object that is cut off is read as far as it goes.
std::optional<GpuObject> read_gpu_object(ByteView bytes);

// Whether bytes that begin so are an object of one of the binary kinds (1 KiB is enough).
bool is_code_object(ByteView head);

// The offset, `from` or higher, of the next place in a window where one of those begins.  Costs
// less than half a nanosecond a byte.  An object whose first 88 bytes the window cuts off is not
// found.
std::optional<std::uint64_t> find_code_object(ByteView window, std::size_t from);

}  // namespace minescan::inspect::gpu
