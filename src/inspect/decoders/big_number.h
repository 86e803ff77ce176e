#pragma once
// Bytes that are written as one large number.

#include <cstdint>
#include <string>
#include <string_view>

namespace minescan::inspect::decoders {

// The bytes of the number, most significant first, that `digits` are in `base`: each is the value
// of a digit, below `base`.  Takes the square of the time, so callers bound the length.
std::string big_number(std::string_view digits, std::uint32_t base);

}  // namespace minescan::inspect::decoders
