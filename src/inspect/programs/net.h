#pragma once
// The metadata of .NET assemblies.  Layout: ECMA-335, partition II, 24.2 and 25.3.3.

#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

// `metadata` begins with "BSJB"; nothing when it does not.
std::optional<NetInfo> read_net_metadata(ByteView metadata, std::vector<std::string>& problems);

}  // namespace minescan::inspect::programs
