// Qubic identities: 60 capital letters, of which 56 are a public key and 4 its checksum, the low 18
// bits of KangarooTwelve.  No library of the distributions has that hash; of a message this short
// it is one block through Keccak's permutation with 12 rounds.  Tested by wallets_test.cpp.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>

#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

constexpr std::size_t kLetters = 60, kWord = 14, kWords = 4;
constexpr std::uint64_t kBase = 26;

// Keccak-p[1600, 12]: the last 12 of the 24 rounds of FIPS 202, whose constants these are.
using State = std::array<std::uint64_t, 25>;
constexpr std::array<std::uint64_t, 12> kRounds = {
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
// Rotations and places of rho and pi, along the walk that FIPS 202 takes.
constexpr std::array<int, 24> kTurns = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                        27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
constexpr std::array<std::size_t, 24> kPlaces = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                                 15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};

void permute(State& a) {
  for (const std::uint64_t constant : kRounds) {
    std::array<std::uint64_t, 5> c{};
    for (std::size_t x = 0; x < 5; ++x) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (std::size_t x = 0; x < 5; ++x) {
      const std::uint64_t d = c[(x + 4) % 5] ^ std::rotl(c[(x + 1) % 5], 1);
      for (std::size_t y = 0; y < 25; y += 5) a[x + y] ^= d;
    }
    std::uint64_t carried = a[1];
    for (std::size_t i = 0; i < kTurns.size(); ++i) {
      const std::uint64_t next = a[kPlaces[i]];
      a[kPlaces[i]] = std::rotl(carried, kTurns[i]);
      carried = next;
    }
    for (std::size_t y = 0; y < 25; y += 5) {
      const std::array<std::uint64_t, 5> row = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
      for (std::size_t x = 0; x < 5; ++x)
        a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= constant;
  }
}

// The first three bytes of KangarooTwelve (RFC 9861) of a key of four words.
std::uint32_t checksum(const std::array<std::uint64_t, kWords>& key) {
  constexpr std::size_t kRateWords = 168 / 8;
  State state{};
  std::copy(key.begin(), key.end(), state.begin());
  // Behind the key the length of an empty customisation, 0, then the byte 7; the last bit of the
  // rate.
  state[kWords] = std::uint64_t{7} << 8;
  state[kRateWords - 1] |= std::uint64_t{1} << 63;
  permute(state);
  return static_cast<std::uint32_t>(state[0]) & 0xffffff;
}

}  // namespace

std::optional<Wallet> qubic_wallet(std::string_view text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() != kLetters || !std::all_of(text.begin(), text.end(), is_capital)) {
    return std::nullopt;
  }
  std::array<std::uint64_t, kWords> key{};
  for (std::size_t word = 0; word < kWords; ++word) {
    for (std::size_t i = kWord; i-- > 0;) {
      const auto digit = static_cast<std::uint64_t>(text[word * kWord + i] - 'A');
      if (key[word] > (std::numeric_limits<std::uint64_t>::max() - digit) / kBase) {
        return std::nullopt;
      }
      key[word] = key[word] * kBase + digit;
    }
  }
  std::uint32_t sum = checksum(key) & 0x3ffff;
  for (std::size_t i = kWords * kWord; i < kLetters; ++i) {
    if (text[i] != static_cast<char>('A' + sum % kBase)) return std::nullopt;
    sum /= static_cast<std::uint32_t>(kBase);
  }
  return Wallet{.coin = "QUBIC", .kind = "identity", .group = CoinGroup::mined};
}

}  // namespace minescan::match
