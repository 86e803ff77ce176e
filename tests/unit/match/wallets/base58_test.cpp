#include "match/wallets/base58.h"

#include <doctest/doctest.h>

#include <string>

using minescan::match::base58_check_decode;
using minescan::match::base58_decode;
using minescan::match::cryptonote_base58_decode;
using minescan::match::cryptonote_base58_length;
using Bytes = std::vector<std::uint8_t>;

TEST_CASE("base58: CryptoNote blocks hold 1 … 8 bytes in 2 3 5 6 7 9 10 11 characters") {
  CHECK(cryptonote_base58_decode("11") == Bytes{0});
  CHECK(cryptonote_base58_decode("5Q") == Bytes{0xff});
  CHECK(cryptonote_base58_decode("LUv") == Bytes{0xff, 0xff});
  CHECK(cryptonote_base58_decode("jpXCZedGfVQ") == Bytes(8, 0xff));
  CHECK(cryptonote_base58_decode("111111111115Q") == Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0xff});
  CHECK(cryptonote_base58_decode("") == Bytes{});
}

TEST_CASE("base58: a CryptoNote block that says more than its bytes hold is refused") {
  CHECK(cryptonote_base58_decode("5R") == std::nullopt);           // 256
  CHECK(cryptonote_base58_decode("jpXCZedGfVR") == std::nullopt);  // 2^64
  CHECK(cryptonote_base58_decode("zzzzzzzzzzz") == std::nullopt);
  CHECK(cryptonote_base58_decode("zz") == std::nullopt);
}

TEST_CASE("base58: CryptoNote blocks of 1, 4 and 8 characters do not exist") {
  for (const std::size_t size : {1u, 4u, 8u, 12u, 15u, 19u}) {
    CHECK(cryptonote_base58_decode(std::string(size, '1')) == std::nullopt);
  }
}

TEST_CASE("base58: 0, O, I and l are no digits") {
  for (const std::string digit : {"0", "O", "I", "l", " ", "+"}) {
    CHECK(cryptonote_base58_decode("1" + digit) == std::nullopt);
    CHECK(base58_check_decode("1111111111111111111114oLvT2" + digit) == std::nullopt);
  }
}

TEST_CASE("base58: Base58Check keeps leading zero bytes and needs its checksum") {
  CHECK(base58_check_decode("1111111111111111111114oLvT2") == Bytes(21, 0));
  CHECK(base58_check_decode("1111111111111111111114oLvT3") == std::nullopt);
  CHECK(base58_check_decode("111111111111111111114oLvT2") == std::nullopt);
  CHECK(base58_check_decode("") == std::nullopt);
  CHECK(base58_check_decode("1") == std::nullopt);
  CHECK(base58_check_decode(std::string(100000, 'z')) == std::nullopt);
}

TEST_CASE("base58: without a checksum all bytes come out, leading zeros too") {
  CHECK(base58_decode("11") == Bytes{0, 0});
  CHECK(base58_decode("15Q") == Bytes{0, 0xff});
  CHECK(base58_decode("5 Q") == std::nullopt);
  CHECK(base58_decode("") == std::nullopt);
  CHECK(base58_decode(std::string(100000, 'z')) == std::nullopt);
}

TEST_CASE("base58: CryptoNote's length is told by the bytes") {
  CHECK(cryptonote_base58_length(0) == 0);
  CHECK(cryptonote_base58_length(1) == 2);
  CHECK(cryptonote_base58_length(69) == 95);
  CHECK(cryptonote_base58_length(77) == 106);
}
