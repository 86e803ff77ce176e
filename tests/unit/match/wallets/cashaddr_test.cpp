#include "match/wallets/cashaddr.h"

#include <doctest/doctest.h>

#include <string>

using minescan::match::decode_cashaddr;
using minescan::match::five_bits_to_bytes;
using minescan::match::one_case;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("cashaddr: version and hash come out as the specification's vector says") {
  const auto bytes = decode_cashaddr("bitcoincash", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a");
  REQUIRE(bytes.has_value());
  CHECK(*bytes == Bytes{0x00, 0x76, 0xa0, 0x40, 0x53, 0xbd, 0xa0, 0xa8, 0x8b, 0xda, 0x51,
                        0x77, 0xb8, 0x6a, 0x15, 0xc3, 0xb2, 0x9f, 0x55, 0x98, 0x73});
}

TEST_CASE("cashaddr: another prefix, a changed or missing character, and no data are refused") {
  const std::string body = "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a";
  CHECK(decode_cashaddr("ecash", body) == std::nullopt);
  CHECK(decode_cashaddr("", body) == std::nullopt);
  CHECK(decode_cashaddr("bitcoincash", body.substr(1)) == std::nullopt);
  CHECK(decode_cashaddr("bitcoincash", body + "q") == std::nullopt);
  CHECK(decode_cashaddr("bitcoincash", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b") ==
        std::nullopt);  // no character of the set
  CHECK(decode_cashaddr("bitcoincash", "qqqqqqqq") == std::nullopt);
  CHECK(decode_cashaddr("bitcoincash", "") == std::nullopt);
  CHECK(decode_cashaddr("bitcoincash", std::string(100000, 'q')) == std::nullopt);
}

TEST_CASE("five bits: cases do not mix, padding is short and zero") {
  CHECK(one_case("ABC1") == "abc1");
  CHECK(one_case("aBc1") == std::nullopt);
  CHECK(one_case("a c") == std::nullopt);
  CHECK(one_case("a\xff") == std::nullopt);
  CHECK(five_bits_to_bytes({31, 28}) == Bytes{0xff});
  CHECK(five_bits_to_bytes({31, 29}) == std::nullopt);
  CHECK(five_bits_to_bytes({31, 28, 0}) == std::nullopt);
  CHECK(five_bits_to_bytes({}) == Bytes{});
}
