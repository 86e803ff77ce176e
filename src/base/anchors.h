#pragma once
// Finds where one of a few texts of four bytes lies, in one pass over any amount of bytes: what is
// embedded in programs is looked for in every byte of them, so this must cost next to nothing.

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/bytes.h"

namespace minescan {

// The second and third byte are compared first: best a rare pair.
using Anchor = std::array<std::uint8_t, 4>;

namespace anchors {

// Both compilers turn this into the vectors of the target; there is no other code for others.
using Block = std::uint8_t __attribute__((vector_size(16)));

inline Block load(const std::byte* at) {
  Block block;
  std::memcpy(&block, at, sizeof block);
  return block;
}

inline bool any(Block block) {
  std::array<std::uint64_t, 2> halves{};
  std::memcpy(halves.data(), &block, sizeof block);
  return (halves[0] | halves[1]) != 0;
}

template <std::size_t N>
Block pairs(const std::byte* at, const std::array<Anchor, N>& wanted) {
  const Block second = load(at + 1);
  const Block third = load(at + 2);
  Block hit{};
  for (const Anchor& anchor : wanted) hit |= (second == anchor[1]) & (third == anchor[2]);
  return hit;
}

}  // namespace anchors

// The first offset from `from` on at which all four bytes of an anchor lie within `bytes`.
template <std::size_t N>
std::optional<std::size_t> find_anchor(ByteView bytes, std::size_t from,
                                       const std::array<Anchor, N>& wanted) {
  constexpr std::size_t kBlock = sizeof(anchors::Block);
  constexpr std::size_t kStep = 4 * kBlock;
  constexpr std::size_t kAnchor = 4;
  if (bytes.size() < kAnchor || from > bytes.size() - kAnchor) return std::nullopt;
  const std::size_t end = bytes.size() - kAnchor + 1;  // of where an anchor may begin
  const std::byte* const data = bytes.data();
  std::size_t at = from;
  while (at < end) {
    std::size_t to = end;
    if (end - at >= kStep) {  // reads kStep + 2 bytes from `at`
      const std::byte* const step = data + at;
      const anchors::Block hit =
          anchors::pairs(step, wanted) | anchors::pairs(step + kBlock, wanted) |
          anchors::pairs(step + 2 * kBlock, wanted) | anchors::pairs(step + 3 * kBlock, wanted);
      to = at + kStep;
      if (!anchors::any(hit)) {
        at = to;
        continue;
      }
    }
    for (; at < to; ++at) {
      for (const Anchor& anchor : wanted) {
        if (std::memcmp(data + at, anchor.data(), kAnchor) == 0) return at;
      }
    }
  }
  return std::nullopt;
}

}  // namespace minescan
