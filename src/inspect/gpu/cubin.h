#pragma once
// Code objects for NVIDIA's processors, which ptxas makes and fat binaries carry.

#include <optional>

#include "inspect/gpu/gpu_object.h"

namespace minescan::inspect::gpu {

// Nothing unless `bytes` begin with an ELF header for these processors.  Words are the immediates
// of instructions and the tables of constants; shapes are counted for sm_70 and newer.
std::optional<GpuObject> read_cubin(ByteView bytes);

// Of an object that is too long to be had in one piece: `header` are its first bytes, `part` any
// others at a multiple of 16.  The tables that tell sections lie at the end, so that everything is
// read as code: its immediates, and names of sections in the first part.  Tables of constants are
// matched as bytes only, and there are no shapes.
std::optional<GpuObject> read_cubin_part(ByteView header, ByteView part);

}  // namespace minescan::inspect::gpu
