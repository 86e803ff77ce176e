#pragma once
// A name from outside inside a message: safe to show, and in quotes.

#include <string>
#include <string_view>

namespace minescan::acquire {

// "'name'", made printable and cut after `limit` bytes.
std::string in_quotes(std::string_view name, std::size_t limit = 4096);

}  // namespace minescan::acquire
