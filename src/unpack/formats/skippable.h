#pragma once
// Skippable frames, which zstd and lz4 share: a magic of 0x184D2A50 to 0x184D2A5F, a size, and
// bytes that decoders pass over (RFC 8878, 3.1.2; lz4 frame format, "Skippable Frames").

#include <cstdint>

#include "base/bytes.h"
#include "base/reader.h"

namespace minescan::unpack {

inline bool is_skippable(std::uint32_t magic) { return (magic & 0xfffffff0U) == 0x184D2A50U; }

// Whether `head` begins with `magic`, or with skippable frames and then `magic`.  When the frames
// reach out of the head nothing more can be known, and `otherwise` is the answer.
inline bool frame_behind_skippable(ByteView head, std::uint32_t magic, bool otherwise) {
  Reader reader(head);
  bool skipped = false;
  while (const auto found = reader.little<std::uint32_t>()) {
    if (*found == magic) return true;
    const auto size = is_skippable(*found) ? reader.little<std::uint32_t>() : std::nullopt;
    if (!size) return false;
    skipped = true;
    if (!reader.take(*size)) return otherwise;
  }
  return skipped && otherwise;
}

}  // namespace minescan::unpack
