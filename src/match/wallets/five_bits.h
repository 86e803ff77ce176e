#pragma once
// What Bech32 and CashAddr share: texts of one case, whose characters stand for five bits each.
// Tested by bech32_test.cpp and cashaddr_test.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::match {

// BIP-173's characters for 0 … 31; CashAddr and its kin took them over.
inline constexpr std::string_view kBech32Characters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

// The text in lower case, or nullopt when it mixes cases or is not printable ASCII.
std::optional<std::string> one_case(std::string_view text);

// The value of each character, or nullopt when one is not among `characters`.
std::optional<std::vector<std::uint8_t>> five_bit_values(std::string_view text,
                                                         std::string_view characters);

// Five-bit values as bytes; nullopt when the padding is more than four bits or not zero.
std::optional<std::vector<std::uint8_t>> five_bits_to_bytes(const std::vector<std::uint8_t>& fives);

}  // namespace minescan::match
