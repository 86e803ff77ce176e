#pragma once
// Source text of kernels, which programs compile when they run: OpenCL C, CUDA (for NVRTC and HIP),
// Metal, WGSL, GLSL and HLSL.

#include <functional>
#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// Nothing unless `text` has a kernel: the language's word for one, and words that only code on a
// GPU has.  Words are all integers outside of comments.
std::optional<GpuObject> read_source(std::string_view text);

// Calls on_object for each text of at least 200 bytes within `bytes`, ended by anything that is no
// text, that is kernel source or PTX.  `at` is where it begins.  What is no text costs next to
// nothing.
void read_texts(ByteView bytes,
                const std::function<void(std::size_t at, GpuObject&& object)>& on_object);

}  // namespace minescan::inspect::gpu
