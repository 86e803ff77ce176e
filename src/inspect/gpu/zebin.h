#pragma once
// Code objects for Intel's processors ("zebin", intel-graphics-compiler, documentation/ZEBinary).

#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// Nothing unless `bytes` begin with an ELF header for these processors.  Words come from the
// SPIR-V that the object may carry and from its tables; its instructions are not understood.
std::optional<GpuObject> read_zebin(ByteView bytes);

}  // namespace minescan::inspect::gpu
