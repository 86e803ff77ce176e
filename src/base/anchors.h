#pragma once
// Finds where one of a few texts of four bytes lies, in one pass over any amount of bytes: what is
// embedded in programs is looked for in every byte of them, so this must cost next to nothing.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace minescan {

// Its first three bytes make two pairs of neighbours; best pairs that are rare.
using Anchor = std::array<std::uint8_t, 4>;

namespace anchors {

// By two neighbouring bytes, whether an anchor may lie there: it begins with them, or one byte
// before them.  Of every anchor one of its first two pairs begins at an even offset, so only every
// second place is looked at, however many anchors there are.
template <std::size_t N>
std::vector<std::uint8_t> pairs(const std::array<Anchor, N>& wanted) {
  std::vector<std::uint8_t> table(std::size_t{1} << 16);
  for (const Anchor& anchor : wanted) {
    for (std::size_t i = 0; i < 2; ++i) {
      std::uint16_t pair = 0;  // in this machine's order
      std::memcpy(&pair, anchor.data() + i, sizeof pair);
      table[pair] = 1;
    }
  }
  return table;
}

inline std::uint16_t pair_at(const std::byte* at) {
  std::uint16_t pair = 0;
  std::memcpy(&pair, at, sizeof pair);
  return pair;
}

}  // namespace anchors

// Finds a set of anchors.  Made once and shared: it holds a table of 64 KiB.
template <std::size_t N>
class AnchorFinder {
 public:
  explicit AnchorFinder(const std::array<Anchor, N>& wanted)
      : wanted_(wanted), table_(anchors::pairs(wanted)) {}

  // The first offset from `from` on at which all four bytes of an anchor lie within `bytes`.
  [[nodiscard]] std::optional<std::size_t> find(ByteView bytes, std::size_t from) const {
    constexpr std::size_t kAnchor = 4;
    constexpr std::size_t kStep = 16;
    if (bytes.size() < kAnchor || from > bytes.size() - kAnchor) return std::nullopt;
    const std::size_t end = bytes.size() - kAnchor + 1;  // of where an anchor may begin
    const std::byte* const data = bytes.data();
    const std::uint8_t* const table = table_.data();
    std::size_t at = from;
    while (at <= end) {
      if (end - at >= kStep) {
        unsigned hit = 0;
        for (std::size_t i = 0; i < kStep; i += 2) hit |= table[anchors::pair_at(data + at + i)];
        if (hit == 0) {
          at += kStep;
          continue;
        }
      }
      const std::size_t to = std::min(end + 1, at + kStep);
      for (; at < to; at += 2) {
        // At `end` only an anchor that begins before it fits.
        if (at > from && is_anchor(data + at - 1)) return at - 1;
        if (at < end && is_anchor(data + at)) return at;
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool is_anchor(const std::byte* at) const {
    for (const Anchor& anchor : wanted_) {
      if (std::memcmp(at, anchor.data(), anchor.size()) == 0) return true;
    }
    return false;
  }

  std::array<Anchor, N> wanted_;
  std::vector<std::uint8_t> table_;
};

}  // namespace minescan
