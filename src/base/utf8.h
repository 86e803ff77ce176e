#pragma once
// UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.

#include <cstdint>
#include <string>
#include <string_view>

namespace minescan {

struct Utf8 {
  std::uint32_t code = 0;
  std::size_t length = 0;  // bytes; 0 when `text` does not begin with a character
};

// The first character of a text that is not empty.
Utf8 decode_utf8(std::string_view text);

// Appends one character; what is no character becomes U+FFFD.
void append_utf8(std::string& out, std::uint32_t code);

}  // namespace minescan
