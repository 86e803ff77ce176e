#pragma once
// Metal libraries: the names of their functions.  Their code is LLVM bitcode, which is not read.

#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// Nothing unless `bytes` begin with the header of a library.
std::optional<GpuObject> read_metallib(ByteView bytes);

}  // namespace minescan::inspect::gpu
