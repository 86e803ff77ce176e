#pragma once
// Whether bytes that begin like an encoding are that, found out by decoding some of them.

#include "base/bytes.h"
#include "model/limits.h"
#include "unpack/format.h"

namespace minescan::examine {

// Formats whose magic is two bytes.
bool is_weak(const unpack::Format& format);

// What comes out of a stream: enough bytes, or all of it without a fault, is proof.
struct Trial {
  bool any = false;
  bool proof = false;
};
Trial decoded_from(const unpack::Format& format, ByteView bytes, const Limits& limits);

// Whether decoded bytes that look like `format` are that: they may be text that only happens to be
// of an encoding's alphabet.  What decodes to anything behind a magic of three bytes or more is
// meant, though it may be broken; two bytes prove nothing before 1 KiB came out of them.
bool holds(const unpack::Format& format, ByteView bytes, const Limits& limits);

}  // namespace minescan::examine
