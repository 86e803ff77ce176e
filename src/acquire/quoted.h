#pragma once
// A name from outside inside a message, and a whole message from outside: safe to show.

#include <cstddef>
#include <string>
#include <string_view>

namespace minescan::acquire {

// "'name'", made printable and cut after `limit` bytes.
std::string in_quotes(std::string_view name, std::size_t limit = 4096);

// What a worker says in words: names in it are cut after 200 bytes, each of which may be shown as
// several.
inline constexpr std::size_t kLongestSentence = 2048;
// Fit to be shown as it is, in one line.
bool is_sentence(const std::string& text);

}  // namespace minescan::acquire
