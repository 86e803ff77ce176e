#pragma once
// Runs of one alphabet's characters: where wallets can be.  A pattern like [13][1-9A-Za-z]{25,34}
// has no literal for Hyperscan to look for and slows all other patterns down with it; a run of at
// least n characters is found by looking at a few of every n bytes.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace minescan::match {

enum class Alphabet : std::uint8_t {
  none,
  base58,  // Bitcoin's: no 0, O, I, l
  bech32,  // BIP-173's, lower case: no 1, b, i, o
  hex,     // either case
};
inline constexpr Alphabet kLastAlphabet = Alphabet::hex;
inline constexpr std::size_t kAlphabets = static_cast<std::size_t>(kLastAlphabet) + 1;

std::optional<Alphabet> alphabet_by_name(std::string_view name);

// Which alphabets each byte belongs to, as bits 1 << alphabet.
const std::array<std::uint8_t, 256>& memberships();

inline bool is_member(std::byte byte, Alphabet alphabet) {
  return (memberships()[std::to_integer<std::uint8_t>(byte)] >> static_cast<unsigned>(alphabet) &
          1u) != 0;
}

// By alphabet, in bytes; 0 = not looked for.
using Lengths = std::array<std::size_t, kAlphabets>;

// Calls found(alphabet, begin, end) for every longest run of at least least[alphabet] members; in
// order for each alphabet.
//
// A run of n bytes holds a block of kBlock bytes at one of every n - kBlock + 1 places, so only
// those are looked at, for all alphabets at once, and without a branch for each byte: branches that
// nobody can predict are what would cost.
template <class Found>
void for_each_run(ByteView bytes, const Lengths& least, const Found& found) {
  constexpr std::size_t kBlock = 8;  // fastest of 4 to 12 in texts
  std::size_t shortest = 0;
  unsigned wanted = 0;
  for (std::size_t i = 0; i < kAlphabets; ++i) {
    if (least[i] == 0) continue;
    shortest = wanted == 0 ? least[i] : std::min(shortest, least[i]);
    wanted |= 1u << i;
  }
  if (wanted == 0) return;
  const auto& members = memberships();
  const auto of = [&](std::size_t i) -> unsigned {
    return members[std::to_integer<std::uint8_t>(bytes[i])];
  };
  const std::size_t block = std::min(kBlock, shortest), step = shortest - block + 1;
  Lengths after{};  // where the last run of each alphabet ended
  for (std::size_t at = 0; at + block <= bytes.size(); at += step) {
    unsigned full = wanted;
    if (block == kBlock) {
      for (std::size_t i = 0; i < kBlock; ++i) full &= of(at + i);
    } else {
      for (std::size_t i = 0; i < block; ++i) full &= of(at + i);
    }
    if (full == 0) continue;
    for (std::size_t i = 0; i < kAlphabets; ++i) {
      if ((full >> i & 1u) == 0 || at < after[i]) continue;
      std::size_t begin = at, end = at + block;
      while (begin > after[i] && (of(begin - 1) >> i & 1u) != 0) --begin;
      while (end < bytes.size() && (of(end) >> i & 1u) != 0) ++end;
      if (end - begin >= least[i]) found(static_cast<Alphabet>(i), begin, end);
      after[i] = end;
    }
  }
}

}  // namespace minescan::match
