#pragma once
// Finds where one of a few texts of four bytes lies, in one pass over any amount of bytes: what is
// embedded in programs is looked for in every byte of them, so this must cost next to nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/halves.h"

namespace minescan {

// Best one whose first bytes are rare.
using Anchor = std::array<std::uint8_t, 4>;

// Finds a set of anchors.  Made once and shared: it holds a table of 64 KiB.
class AnchorFinder {
 public:
  explicit AnchorFinder(std::span<const Anchor> wanted);

  // The first offset from `from` on at which all four bytes of an anchor lie within `bytes`.
  [[nodiscard]] std::optional<std::size_t> find(ByteView bytes, std::size_t from) const;
  // The same, on any processor.
  [[nodiscard]] std::optional<std::size_t> find_plainly(ByteView bytes, std::size_t from) const;

 private:
  [[nodiscard]] bool is_anchor(const std::byte* at) const;
  [[nodiscard]] std::optional<std::size_t> find_widely(ByteView bytes, std::size_t& from) const;

  std::vector<Anchor> wanted_;
  // By two neighbouring bytes, whether an anchor may lie there: it begins with them, or one byte
  // before them.
  std::vector<std::uint8_t> pairs_;
  // By the lower and the upper half of its first, second and third byte, which anchors begin so: a
  // bit for each of them, the ninth with the first's.
  std::array<Halves, 3> halves_;
};

}  // namespace minescan
