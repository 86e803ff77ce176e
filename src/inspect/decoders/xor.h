#pragma once
// Texts in programs that were XORed with one byte.

#include <cstdint>

#include "inspect/decoders/decoder.h"

namespace minescan::inspect::decoders {

// How far around what gives it away such a text is decoded; a window must show that much around
// [from, to) unless the file begins or ends there.
inline constexpr std::size_t kXorReach = 2048;

// Finds the marks "://" of an address, "xmrig", "donate-level" and "pool." under every key but 0
// and 0x20 that begin in bytes[from, to), and decodes what is text around them.  Positions are
// counted from `offset`, where bytes[0] lies; nothing before `done` is decoded again, and `done` is
// moved.
void decode_xor(std::string_view bytes, std::size_t from, std::size_t to, std::uint64_t offset,
                std::uint64_t& done, Found& found);

}  // namespace minescan::inspect::decoders
