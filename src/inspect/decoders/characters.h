#pragma once
// Digits in texts.

#include <cstdint>

namespace minescan::inspect::decoders {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// 0 to 15, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_printable(std::uint32_t code) { return code >= 0x20 && code < 0x7f; }

}  // namespace minescan::inspect::decoders
