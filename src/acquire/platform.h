#pragma once
// What a user means by --platform, and which of the platforms there are it fits.

#include <string>
#include <vector>

#include "base/result.h"
#include "model/artifact.h"

namespace minescan::acquire {

// "os/arch[/variant]".  The names that uname(1) and Debian use are understood (x86_64, aarch64,
// armhf, i386).  Code::usage when it is spelled otherwise.
Result<Platform> parse_platform(const std::string& text);

// Same system and machine, whatever the variant.
bool same_machine(const Platform& wish, const Platform& there);

// For each of `there` whether the wish takes it: without a variant all of the machine, with one
// those that have it, or else the best lower one that such a machine runs (arm v7, v6, v5, none).
std::vector<bool> select(const Platform& wish, const std::vector<Platform>& there);

}  // namespace minescan::acquire
