#pragma once
// Code objects for NVIDIA's processors, which ptxas makes and fat binaries carry.

#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// Nothing unless `bytes` begin with an ELF header for these processors.  Words are the immediates
// of instructions and the tables of constants; shapes are counted for sm_70 and newer.
std::optional<GpuObject> read_cubin(ByteView bytes);

}  // namespace minescan::inspect::gpu
