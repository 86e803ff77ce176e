#pragma once
// PTX, NVIDIA's assembly text, which the driver compiles for the processor that it finds.

#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// Nothing unless `text` has the two directives that every module begins with.  Words are all
// integers and floats of its code, and its tables of bytes put together to words.
std::optional<GpuObject> read_ptx(std::string_view text);

}  // namespace minescan::inspect::gpu
