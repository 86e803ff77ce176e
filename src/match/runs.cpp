#include "match/runs.h"

namespace minescan::match {
namespace {

// By Alphabet.
struct Characters {
  std::string_view name, members;
};
constexpr std::array<Characters, kAlphabets> kAlphabetTable = {
    {{"", ""},
     {"base58", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"},
     {"bech32", "qpzry9x8gf2tvdw0s3jn54khce6mua7l"},
     {"hex", "0123456789abcdefABCDEF"}}};

constexpr std::array<std::uint8_t, 256> bits() {
  std::array<std::uint8_t, 256> result{};
  for (std::size_t i = 0; i < kAlphabets; ++i) {
    for (const char c : kAlphabetTable[i].members) {
      auto& at = result[static_cast<unsigned char>(c)];
      at = static_cast<std::uint8_t>(at | 1u << i);
    }
  }
  return result;
}
constexpr auto kMemberships = bits();

}  // namespace

std::optional<Alphabet> alphabet_by_name(std::string_view name) {
  for (std::size_t i = 1; i < kAlphabets; ++i) {
    if (kAlphabetTable.at(i).name == name) return static_cast<Alphabet>(i);
  }
  return std::nullopt;
}

const std::array<std::uint8_t, 256>& memberships() { return kMemberships; }

}  // namespace minescan::match
