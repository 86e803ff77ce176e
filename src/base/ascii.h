#pragma once
// Texts of ASCII, whatever the locale: other bytes are never changed.

#include <string>
#include <string_view>

namespace minescan {

// With small letters for capital ones.
std::string lower(std::string_view text);

// Without the bytes of `blank` at both ends.
std::string_view trimmed(std::string_view text, std::string_view blank = " \t\r\n\v\f");

}  // namespace minescan
