#pragma once
// Tells that a program was packed or protected, also by what nobody here knows.

#include <optional>
#include <string>

#include "inspect/programs/program.h"

namespace minescan::inspect::packers {

struct Packed {
  std::string_view name;  // "VMProtect"; empty when it is not known
  double share = 0;       // of its code that looks random: 0 to 1
  std::string why;        // a sentence
};

// `file` is what `program` was parsed from.  Nothing for an ordinary program: it costs a look at
// the names of its sections, and at its code when it imports next to nothing.
std::optional<Packed> packed(const programs::Program& program, ByteView file);

// The share of windows of 4 KiB whose bytes look random: more than 7.2 bits each.  Code of any
// processor has about 6, compressed or encrypted bytes have 7.9.
double random_share(ByteView bytes);

}  // namespace minescan::inspect::packers
