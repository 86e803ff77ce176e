#pragma once
// What Go's linker writes into every program: versions of its modules, and names of all functions,
// which stripping leaves.  Layout: debug/buildinfo and debug/gosym of Go's own library.

#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

// Nothing when it is no Go program.  `file` is what `program` was parsed from.
std::optional<GoInfo> read_go_info(const Program& program, ByteView file);

}  // namespace minescan::inspect::programs
