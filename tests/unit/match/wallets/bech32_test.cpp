#include "match/wallets/bech32.h"

#include <doctest/doctest.h>

using minescan::match::decode_segwit;

TEST_CASE("bech32: prefix, version and program come out as the address says") {
  const auto address = decode_segwit("BC1SW50QGDZ25J");  // BIP-350: version 16, program 751e
  REQUIRE(address.has_value());
  CHECK(address->prefix == "bc");
  CHECK(address->version == 16);
  CHECK(address->program == std::vector<std::uint8_t>{0x75, 0x1e});
}

TEST_CASE("bech32: what BIP-350 lists as invalid is refused") {
  for (const char* text : {
           "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",  // bech32, not bech32m
           "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
           "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",                      // bech32m, not bech32
           "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",  // "o"
           "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",  // version 17
           "bc1pw5dgrnzv",                                                    // one byte
           "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",  // 41
           "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",  // version 0 of 16 bytes
           "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",  // padding too long
           "bc1gmk9yu",                                                         // no data
       }) {
    CAPTURE(text);
    CHECK(decode_segwit(text) == std::nullopt);
  }
}

TEST_CASE("bech32: cases do not mix, and bytes that are no ASCII are no address") {
  CHECK(decode_segwit("bc1SW50QGDZ25J") == std::nullopt);
  CHECK(decode_segwit("bc1sw50qgdz25\xff") == std::nullopt);
  CHECK(decode_segwit("1sw50qgdz25j") == std::nullopt);
  CHECK(decode_segwit("bcsw50qgdz25j") == std::nullopt);
  CHECK(decode_segwit("") == std::nullopt);
}
