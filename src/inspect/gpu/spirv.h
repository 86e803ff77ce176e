#pragma once
// SPIR-V modules, of Vulkan and OpenCL programs, in either byte order.

#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// Nothing unless `bytes` begin with the header of a module.  Kernels are its entry points, words
// its constants and specialisation constants.  Bytes behind the module are not looked at.
std::optional<GpuObject> read_spirv(ByteView bytes);

}  // namespace minescan::inspect::gpu
