#pragma once
// SegWit addresses: Bech32 (BIP-173) for version 0 and Bech32m (BIP-350) from version 1 on.
// Tested by bech32_test.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::match {

struct SegwitAddress {
  std::string prefix;                 // human-readable part in lower case: "bc", "tb", "bcrt"
  unsigned version = 0;               // 0 … 16
  std::vector<std::uint8_t> program;  // 2 … 40 bytes; 20 or 32 in version 0
  bool operator==(const SegwitAddress&) const = default;
};

// The address, or nullopt when any rule of BIP-173, BIP-350 or BIP-141 is broken: mixed case,
// characters outside the set, checksum, the checksum form of another version, padding, length.
std::optional<SegwitAddress> decode_segwit(std::string_view text);

}  // namespace minescan::match
