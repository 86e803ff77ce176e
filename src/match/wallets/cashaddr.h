#pragma once
// The code of Bitcoin Cash's CashAddr, which Kaspa, Nexa, Conflux and others took over: a prefix, a
// colon, and characters of five bits, the last eight of them a checksum of 40 bits over all.
// Tested by cashaddr_test.cpp.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "match/wallets/five_bits.h"

namespace minescan::match {

// The bytes before the checksum, version byte first, or nullopt.  `prefix` is in lower case and
// without its colon; `body` is what follows the colon, in lower case.
std::optional<std::vector<std::uint8_t>> decode_cashaddr(
    std::string_view prefix, std::string_view body,
    std::string_view characters = kBech32Characters);

}  // namespace minescan::match
