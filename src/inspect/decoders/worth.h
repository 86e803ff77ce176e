#pragma once
// Whether decoded bytes look like something that was meant: much text happens to be of the alphabet
// of base64.

#include <cstdint>
#include <string_view>

namespace minescan::inspect::decoders {

enum class Worth : std::uint8_t {
  nothing,  // pictures, fonts, keys and other things that hold no program
  unknown,  // any bytes
  text,
  known,  // the magic of a program, an archive or a compressor
};

// From the first bytes of what was decoded.
Worth worth_of(std::string_view head);

// Whether all of it is text, with room for a little that was decoded too much at its end.
bool is_text(std::string_view bytes);

}  // namespace minescan::inspect::decoders
