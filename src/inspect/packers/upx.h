#pragma once
// Unpacks what UPX packed, without running it: ELF of either width and byte order, shared libraries
// too, PE, and, as far as its blocks go, Mach-O and others.  No mark, name or size that UPX's own
// unpacker asks for is needed, because people change these so that it refuses, and the program runs
// all the same.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace minescan::inspect::packers {

struct Unpacked {
  std::string_view format;  // "ELF", "PE" or "Mach-O"
  std::string method;       // "NRV2E", "LZMA"; several with ", " between them
  // ELF: the file that was packed; where nothing could be unpacked there are zeros, and a library
  // says of its first function (DT_INIT) what UPX wrote there.  Mach-O: the file, too.  PE: its
  // headers, when UPX kept them, and its memory from the first section on, in which imports and
  // relocations stand as UPX keeps them.  Else what the blocks unpack to, one behind the other.
  std::string bytes;
  std::vector<std::string> tampered;  // what was changed after packing: sentences
  std::string problem;                // a sentence when not all could be unpacked; else empty
};

// Whether it is worth to call unpack_upx: true of everything that UPX packed and of little else.
// `bytes`: the file, or its first bytes; 4096 are enough for ELF programs and PE.  Costs a search
// for four bytes.
bool looks_packed_by_upx(ByteView bytes);

// `file` must be whole: parts of what is packed lie at its end.  Makes at most `most_bytes`; what
// is longer is cut, which is a problem.  Nothing when UPX did not pack it.
std::optional<Unpacked> unpack_upx(ByteView file, std::uint64_t most_bytes);

}  // namespace minescan::inspect::packers
