#pragma once
// WebAssembly modules.  Layout: chapter 5 of the WebAssembly core specification, version 2.

#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

// As parse_program and natural_length in program.h.  Exports and the names of a "name" section are
// symbols whose value is the number of a function; modules inside a component are slices.  The
// length is 0 unless all sections are there: what follows the last is found by reading them.
std::optional<Program> parse_wasm(ByteView file, std::uint64_t file_size);
std::uint64_t wasm_length(ByteView head, std::uint64_t file_size);

}  // namespace minescan::inspect::programs
