#pragma once
// Bech32 (BIP-173) and Bech32m (BIP-350), and SegWit addresses, which are written in them.
// Tested by bech32_test.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::match {

struct Bech32 {
  std::string prefix;                // human-readable part in lower case: "bc", "dero", "u"
  std::vector<std::uint8_t> values;  // five bits each, without the checksum
  bool modified = false;             // Bech32m
};

// The text's parts, or nullopt: mixed case, characters outside the set, checksum, longer than
// `longest` characters.  The checksum is made to hold for 90 characters, yet some coins write more.
// Xelis has ':' where others have '1' between prefix and values.
std::optional<Bech32> decode_bech32(std::string_view text, std::size_t longest,
                                    char separator = '1');

struct SegwitAddress {
  std::string prefix;                 // "bc", "tb", "bcrt"
  unsigned version = 0;               // 0 … 16
  std::vector<std::uint8_t> program;  // 2 … 40 bytes; 20 or 32 in version 0
  bool operator==(const SegwitAddress&) const = default;
};

// The address, or nullopt when any rule of BIP-173, BIP-350 or BIP-141 is broken: also the checksum
// form of another version, padding, length.
std::optional<SegwitAddress> decode_segwit(std::string_view text);

}  // namespace minescan::match
