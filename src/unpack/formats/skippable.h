#pragma once
// Skippable frames, which zstd and lz4 share: a magic of 0x184D2A50 to 0x184D2A5F, a size, and
// bytes that decoders pass over (RFC 8878, 3.1.2; lz4 frame format, "Skippable Frames").

#include <algorithm>
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

// Passes over one.
class SkippableFrame {
 public:
  // At the magic: the bytes of magic and size; 0 when they are cut off.
  std::size_t begin(ByteView in) {
    Reader reader(in);
    reader.take(4);
    const auto size = reader.little<std::uint32_t>();
    if (!size) return 0;
    left_ = *size;
    return reader.position();
  }
  // How many of these bytes are the frame's.
  std::size_t take(ByteView in) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
    left_ -= n;
    return n;
  }
  [[nodiscard]] std::uint64_t left() const { return left_; }

 private:
  std::uint64_t left_ = 0;
};

}  // namespace minescan::unpack
