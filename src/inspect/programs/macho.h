#pragma once
// Programs of macOS and its relatives, also several in one ("universal", "fat").  Layout:
// <mach-o/loader.h>, <mach-o/nlist.h>, <mach-o/fat.h>.

#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

// As parse_program and natural_length in program.h.  Of a universal file all slices are listed, and
// the first one that can be read is told; its offsets are those in the whole file.
std::optional<Program> parse_macho(ByteView file, std::uint64_t file_size);
std::uint64_t macho_length(ByteView head, std::uint64_t file_size);

}  // namespace minescan::inspect::programs
