#pragma once
// Base64 of RFC 4648 as HTTP Basic, credential files and lockfiles use it.  Tested by
// base64_test.cpp.

#include <optional>
#include <string>
#include <string_view>

namespace minescan {

std::string base64_encode(std::string_view text);

// nullopt when a character is not of the alphabet or the length cannot be.  Padding may be absent;
// white space at the end is ignored (files are edited by hand).
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace minescan
