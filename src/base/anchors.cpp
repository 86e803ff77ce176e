#include "base/anchors.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/wide.h"

namespace minescan {
namespace {

constexpr std::size_t kAnchor = sizeof(Anchor);

std::uint16_t pair_at(const void* at) {
  std::uint16_t pair = 0;  // in this machine's order
  std::memcpy(&pair, at, sizeof pair);
  return pair;
}

#if defined(__x86_64__)

// Anchors hold bytes of both halves, so the lower half is looked up by itself.
[[gnu::target("avx2"), gnu::always_inline]] inline __m256i look_up(__m256i low, __m256i high,
                                                                   const std::byte* at) {
  const __m256i bytes = load(at);
  const __m256i lower = _mm256_and_si256(bytes, _mm256_set1_epi8(0x0f));
  return minescan::look_up(low, high, lower, high_half(bytes));
}

#endif

}  // namespace

AnchorFinder::AnchorFinder(std::span<const Anchor> wanted)
    : wanted_(wanted.begin(), wanted.end()), pairs_(std::size_t{1} << 16) {
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const Anchor& anchor = wanted_[i];
    pairs_[pair_at(anchor.data())] = pairs_[pair_at(anchor.data() + 1)] = 1;
    const auto bit = static_cast<std::uint8_t>(1u << (i % 8));
    for (std::size_t k = 0; k < halves_.size(); ++k) halves_[k].add(anchor[k], bit);
  }
}

bool AnchorFinder::is_anchor(const std::byte* at) const {
  return std::any_of(wanted_.begin(), wanted_.end(), [&](const Anchor& anchor) {
    return std::memcmp(at, anchor.data(), kAnchor) == 0;
  });
}

std::optional<std::size_t> AnchorFinder::find(ByteView bytes, std::size_t from) const {
#if defined(__x86_64__)
  if (has_avx2()) {
    if (const auto found = find_widely(bytes, from)) return found;
  }
#endif
  return find_plainly(bytes, from);
}

std::optional<std::size_t> AnchorFinder::find_plainly(ByteView bytes, std::size_t from) const {
  constexpr std::size_t kStep = 16;
  if (bytes.size() < kAnchor || from > bytes.size() - kAnchor) return std::nullopt;
  const std::size_t end = bytes.size() - kAnchor + 1;  // of where an anchor may begin
  const std::byte* const data = bytes.data();
  const std::uint8_t* const pairs = pairs_.data();
  std::size_t at = from;
  // Of every anchor one of its first two pairs begins at an even offset, so only every second place
  // is looked at, however many anchors there are.
  while (at <= end) {
    if (end - at >= kStep) {
      unsigned hit = 0;
      for (std::size_t i = 0; i < kStep; i += 2) hit |= pairs[pair_at(data + at + i)];
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

#if defined(__x86_64__)

// Leaves `from` where less than a step is left.
[[gnu::target("avx2")]] std::optional<std::size_t> AnchorFinder::find_widely(
    ByteView bytes, std::size_t& from) const {
  constexpr std::size_t kStep = 32;
  const __m256i low0 = both_lanes(halves_[0].low), high0 = both_lanes(halves_[0].high);
  const __m256i low1 = both_lanes(halves_[1].low), high1 = both_lanes(halves_[1].high);
  const __m256i low2 = both_lanes(halves_[2].low), high2 = both_lanes(halves_[2].high);
  const std::byte* const data = bytes.data();
  for (; from + kStep + kAnchor - 1 <= bytes.size(); from += kStep) {
    const std::byte* const here = data + from;
    const __m256i found = _mm256_and_si256(
        _mm256_and_si256(look_up(low0, high0, here), look_up(low1, high1, here + 1)),
        look_up(low2, high2, here + 2));
    if (_mm256_testz_si256(found, found) != 0) continue;
    for (std::uint32_t at = not_zero(found); at != 0; at &= at - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(at));
      if (is_anchor(here + i)) return from + i;
    }
  }
  return std::nullopt;
}

#endif

}  // namespace minescan
