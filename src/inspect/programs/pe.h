#pragma once
// Windows programs, 32- and 64-bit.  Layout: Microsoft's "PE Format" specification.

#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

// As parse_program and natural_length in program.h.  A certificate table counts as part of the
// program only where the sections end: self-extractors put what they carry in between.
std::optional<Program> parse_pe(ByteView file, std::uint64_t file_size);
std::uint64_t pe_length(ByteView head, std::uint64_t file_size);

}  // namespace minescan::inspect::programs
