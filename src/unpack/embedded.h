#pragma once
// GPU containers, the scripts of Node.js's single executables, zips, ISO 9660, archives that are
// known and not read, and compressed streams lie inside programs, libraries and other binary files,
// at any offset; pictures with a zip behind them are both.

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace minescan::unpack {

// The offset, `from` or higher, of the next place in a window where a CUDA fat binary or an offload
// bundle (plain, compressed or LLVM's packager's), a blob of Node.js, a zip, the first descriptor
// of an ISO 9660 image, a pack of git, a 7z, RAR, CAB or NSIS archive begins, or what may be a
// stream of gzip, xz, zstd or bzip2; its format is what recognise() says there.  A header that the
// window cuts off is not found: windows should overlap by kHeadBytes.
std::optional<std::uint64_t> find_embedded(ByteView window, std::size_t from);

// Whether what find_embedded found is sure: the headers of containers prove themselves, the few
// bytes of compressed streams prove nothing before something came out of them.
bool is_sure(ByteView head);

}  // namespace minescan::unpack
