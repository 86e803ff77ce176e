#pragma once
// Lists of character codes.

#include <cstddef>
#include <string>
#include <string_view>

namespace minescan::inspect::decoders {

struct Numbers {
  std::string bytes;  // each number a byte, or a character where it is wider
  std::size_t count = 0;
  std::size_t end = 0;  // where the list ends: its bracket, or what is no number
  bool closed = false;  // by a bracket
};

// Numbers of 0 to 65535 in decimal or hex, with commas between, from text[at] on.
Numbers numbers_at(std::string_view text, std::size_t at);

// Characters by single calls, chr(104)+chr(116), from text[at] on, which is behind the first
// opening bracket.
Numbers calls_at(std::string_view text, std::size_t at);

}  // namespace minescan::inspect::decoders
