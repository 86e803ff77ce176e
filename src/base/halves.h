#pragma once
// Sets of bytes in the form that wide.h looks them up in.

#include <array>
#include <cstdint>

namespace minescan {

// For each byte some bits, as two tables by halves of the byte, for the shuffle instruction: what
// both tables have in common.  Where a bit stands for more than one byte it may be said too often,
// so what is found is checked again.
struct Halves {
  std::array<std::uint8_t, 16> low{}, high{};

  constexpr void add(std::uint8_t byte, std::uint8_t bits) {
    low[byte & 15] = static_cast<std::uint8_t>(low[byte & 15] | bits);
    high[byte >> 4] = static_cast<std::uint8_t>(high[byte >> 4] | bits);
  }
};

}  // namespace minescan
