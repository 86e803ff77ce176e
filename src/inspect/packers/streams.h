#pragma once
// The compressions that packers of programs use, by the numbers that UPX gives them.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace minescan::inspect::packers {

enum class Method : std::uint8_t {
  nrv2b_le32 = 2,
  nrv2b_8 = 3,
  nrv2b_le16 = 4,
  nrv2d_le32 = 5,
  nrv2d_8 = 6,
  nrv2d_le16 = 7,
  nrv2e_le32 = 8,
  nrv2e_8 = 9,
  nrv2e_le16 = 10,
  lzma = 14,
  deflate = 15,
};

std::string_view method_name(Method method);  // "NRV2B"; "" for a number that is none of these

struct Unpacking {
  std::size_t made = 0;  // bytes of `out` that are good
  bool end = false;      // the stream ended by its own mark
  bool full = false;     // `out` ended first
};

// Decodes what `packed` begins with; more bytes may follow there.  A stream that knows no end of
// its own (LZMA) ends where `out` is full.
Unpacking unpack_stream(Method method, ByteView packed, std::span<char> out);

}  // namespace minescan::inspect::packers
