#pragma once
// Makes untrusted text safe to show on one line of a terminal or a CI log.

#include <cstdint>
#include <string>
#include <string_view>

namespace minescan {

// Valid UTF-8 stays, except what can act instead of being shown: control characters, DEL, C1, line
// and paragraph separators, bidi controls, zero-width characters become \xNN or \u{NNNN}; bytes
// that are not UTF-8 become \xNN; a backslash stays a backslash.  Runner commands ("##[" and
// "##vso[" anywhere, "::" at the start) are broken up with a \ after the first character.  Text
// longer than `limit` bytes is cut and ends in "…".
std::string printable(std::string_view text, std::size_t limit = 4096);

std::string hexadecimal(std::uint64_t number);  // "0x1f"

}  // namespace minescan
