#pragma once
// GPU containers and the scripts of Node.js's single executables lie inside programs, libraries and
// object files, at any offset.

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace minescan::unpack {

// The offset, `from` or higher, of the next place in a window where a CUDA fat binary or an offload
// bundle (plain, compressed or LLVM's packager's) or a blob of Node.js begins; its format is what
// recognise() says there.  A header that the window cuts off is not found: windows should overlap
// by kHeadBytes.  Costs less than a tenth of a nanosecond a byte.
std::optional<std::uint64_t> find_embedded(ByteView window, std::size_t from);

}  // namespace minescan::unpack
