#pragma once
// Runs of one alphabet's characters: where wallets can be.  A pattern like [13][1-9A-Za-z]{25,34}
// has no literal for Hyperscan to look for and slows all other patterns down with it; a run of at
// least n characters is found by looking at every n-th byte.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace minescan::match {

enum class Alphabet : std::uint8_t { none, base58 };

std::optional<Alphabet> alphabet_by_name(std::string_view name);

// Which bytes belong to an alphabet.
const std::array<bool, 256>& members_of(Alphabet alphabet);

// Calls found(begin, end) for every longest run of at least `least` (> 0) members, in order.
template <class Found>
void for_each_run(ByteView bytes, const std::array<bool, 256>& members, std::size_t least,
                  const Found& found) {
  const auto member = [&](std::size_t i) {
    return members[std::to_integer<std::uint8_t>(bytes[i])];
  };
  std::size_t after = 0;  // no run looked for begins before this
  for (std::size_t at = least - 1; at < bytes.size();) {
    if (!member(at)) {
      at += least;
      continue;
    }
    std::size_t begin = at;
    while (begin > after && member(begin - 1)) --begin;
    std::size_t end = at + 1;
    while (end < bytes.size() && member(end)) ++end;
    if (end - begin >= least) found(begin, end);
    after = end;
    at = end + least;
  }
}

}  // namespace minescan::match
