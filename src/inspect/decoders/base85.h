#pragma once
// The alphabets of five characters for four bytes.

#include <optional>
#include <string>
#include <string_view>

namespace minescan::inspect::decoders {

enum class Base85 : std::uint8_t {
  python,  // base64.b85decode, RFC 1924's alphabet
  adobe,   // '!' to 'u' and 'z' for four zeros, with or without <~ ~>; blanks do not count
  zeromq,  // Z85
};

// Nothing when a character is none of the alphabet or a group is too large.
std::optional<std::string> base85(std::string_view characters, Base85 kind);

}  // namespace minescan::inspect::decoders
