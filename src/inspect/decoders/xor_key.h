#pragma once
// Texts that were XORed with a key of several bytes, which repeats, or moved by adding a number.

#include <cstddef>
#include <optional>
#include <string>

#include "inspect/decoders/decoder.h"

namespace minescan::inspect::decoders {

inline constexpr std::size_t kLongestKey = 16;  // bytes

// Bytes that a text spells out are of no known kind: undone, where a key of 1 to kLongestKey bytes
// makes them text, or a number to take from each.  `name` is what was done.  Keys are found under
// words that miners' commands and configurations hold, else by how often characters are used.
struct Unkeyed {
  std::string name;
  std::string text;
};
std::optional<Unkeyed> undo_key(std::string_view bytes);

// Appends what `decoded` holds without its key, where it has one.  That is a guess, so bytes that
// are looked at without it are to be appended too.
void append_unkeyed(const Decoded& decoded, Found& found);

}  // namespace minescan::inspect::decoders
