#pragma once
// Finds where one of a few magics of four bytes begins, in one pass over any amount of bytes: what
// is embedded in programs is looked for in every byte of them, so this must cost next to nothing.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/bytes.h"

namespace minescan {

struct Anchor {
  std::array<std::uint8_t, 4> bytes{};
  // The two bytes that are compared first begin here (0, 1 or 2); best the rarest pair.
  std::size_t pair = 0;
};

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

inline bool equal(const std::byte* at, const Anchor& anchor) {
  return std::memcmp(at, anchor.bytes.data(), anchor.bytes.size()) == 0;
}

}  // namespace anchors

// The first offset from `from` on at which all four bytes of an anchor lie within `bytes`.
template <std::size_t N>
std::optional<std::size_t> find_anchor(ByteView bytes, std::size_t from,
                                       const std::array<Anchor, N>& wanted) {
  constexpr std::size_t kStep = sizeof(anchors::Block);
  constexpr std::size_t kAnchor = 4;
  if (bytes.size() < kAnchor || from > bytes.size() - kAnchor) return std::nullopt;
  const std::size_t end = bytes.size() - kAnchor + 1;  // of where an anchor may begin
  const std::byte* const data = bytes.data();
  const auto first_in = [&](std::size_t at, std::size_t to) -> std::optional<std::size_t> {
    for (; at < to; ++at) {
      for (const Anchor& anchor : wanted) {
        if (anchors::equal(data + at, anchor)) return at;
      }
    }
    return std::nullopt;
  };
  std::size_t at = from;
  while (end - at >= kStep) {  // reads at most kStep + 3 bytes from `at`
    anchors::Block hit{};
    for (const Anchor& anchor : wanted) {
      const std::byte* const pair = data + at + anchor.pair;
      hit |= (anchors::load(pair) == anchor.bytes[anchor.pair]) &
             (anchors::load(pair + 1) == anchor.bytes[anchor.pair + 1]);
    }
    if (anchors::any(hit)) {
      if (const auto found = first_in(at, at + kStep)) return found;
    }
    at += kStep;
  }
  return first_in(at, end);
}

}  // namespace minescan
