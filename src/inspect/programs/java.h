#pragma once
// Compiled classes of Java.  Layout: chapter 4.4 of the Java Virtual Machine Specification.

#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

// As parse_program in program.h.  The class itself is the only export; methods of others that it
// calls are imports, whose libraries are their classes; its constants are no part of it here, since
// they are texts as they are.
std::optional<Program> parse_java(ByteView file);

}  // namespace minescan::inspect::programs
