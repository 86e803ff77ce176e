#pragma once
// Numbers at fixed places of a header.

#include <concepts>

#include "base/reader.h"

namespace minescan::unpack {

// The little-endian number at an offset; 0 when the bytes end before it does.
template <std::unsigned_integral T>
T little_at(ByteView bytes, std::uint64_t offset) {
  const auto part = Reader(bytes).slice(offset, sizeof(T));
  return part ? Reader(*part).little<T>().value_or(0) : T{0};
}

}  // namespace minescan::unpack
