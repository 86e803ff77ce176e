#pragma once
// Finds texts in MessagePack (github.com/msgpack/msgpack, spec.md), of which AMD's code objects use
// maps, arrays, texts, integers, booleans and nil.

#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace minescan::inspect::gpu {

struct MsgpackText {
  std::string_view key;  // of the map that it stands in
  std::string_view text;
  unsigned depth = 0;  // of maps and arrays around it
};

// All texts that are values of maps, in order, until the bytes end or stop being MessagePack.
std::vector<MsgpackText> msgpack_texts(ByteView bytes);

}  // namespace minescan::inspect::gpu
