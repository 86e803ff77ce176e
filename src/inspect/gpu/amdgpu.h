#pragma once
// Code objects for AMD's processors, which offload bundles carry and OpenCL programs keep.

#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// Nothing unless `bytes` begin with an ELF header for these processors, of today or of the years
// of AMD APP.  Words are the literals of instructions and the tables of constants.
std::optional<GpuObject> read_amdgpu(ByteView bytes);

}  // namespace minescan::inspect::gpu
