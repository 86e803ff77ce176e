#pragma once
// Characters to bytes, shared by the decoders of runs.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/decoders/triggers.h"

namespace minescan::inspect::decoders {

// A run and those that go on with it in the next lines or literals.
struct Pieces {
  std::vector<Span> spans;
  std::size_t end = 0;  // behind the last, with its padding
  bool padded = false;
  bool cut = false;  // there are more than are decoded at once
};

// Gathers the lines of one block: all as long as the first but the last, which is no longer.
// Between them stand a line end (or one spelled "\n") and up to a few quotes, commas and the like.
Pieces gather(std::string_view text, Span first);

std::string joined(std::string_view text, const Pieces& pieces);

// Decodes both alphabets of base64; stops at what belongs to neither.  `most`: characters.
std::string base64(std::string_view characters, std::size_t most = std::string_view::npos);

char rot13(char c);
std::string rot13(std::string_view text);

}  // namespace minescan::inspect::decoders
