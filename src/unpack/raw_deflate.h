#pragma once
// Deflate (RFC 1951) without a container around it, as scripts carry it: PHP's gzinflate, .NET's
// DeflateStream, zlib with a negative window.  It has no magic, so only whole streams count.

#include <optional>
#include <string>

#include "base/bytes.h"

namespace minescan::unpack {

struct Inflated {
  std::string bytes;
  bool cut = false;  // there are more than were asked for
};

// What `bytes` inflate to, up to about `most` bytes; nothing unless they are one stream from their
// first byte to their last (or inflate to more than that without an error).
std::optional<Inflated> inflate_all(ByteView bytes, std::size_t most);

}  // namespace minescan::unpack
