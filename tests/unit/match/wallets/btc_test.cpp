#include <doctest/doctest.h>

#include "match/wallets/wallets.h"
#include "support/wallet_vectors.h"

using minescan::match::Captures;
using minescan::match::check_btc;

TEST_CASE("wallet:btc: every published and made vector is judged right") {
  const auto vectors = minescan::test::wallet_vectors("btc");
  REQUIRE(vectors.size() > 40);
  for (const auto& vector : vectors) {
    CAPTURE(vector.address);
    Captures captures;
    REQUIRE(check_btc(vector.address, captures) == vector.valid);
    if (!vector.valid) {
      CHECK(captures.empty());
      continue;
    }
    CHECK(captures["coin"] == "BTC");
    CHECK(captures["kind"] == vector.kind);
    CHECK(captures["network"] == vector.network);
    CHECK(captures["wallet"] == vector.address);
  }
}

TEST_CASE("wallet:btc: any one changed character makes it no wallet") {
  for (const auto& vector : minescan::test::wallet_vectors("btc")) {
    if (!vector.valid) continue;
    for (std::size_t i = 0; i < vector.address.size(); ++i) {
      std::string changed = vector.address;
      changed[i] = changed[i] == 'x' ? 'y' : 'x';
      CAPTURE(changed);
      Captures captures;
      CHECK_FALSE(check_btc(changed, captures));
    }
  }
}

TEST_CASE("wallet:btc: blanks inside an address are not skipped") {
  Captures captures;
  const std::string wallet = minescan::test::wallet_vectors("btc").at(0).address;
  REQUIRE(check_btc(wallet, captures));
  CHECK_FALSE(check_btc(wallet.substr(0, 10) + " " + wallet.substr(10), captures = {}));
  CHECK_FALSE(check_btc(wallet.substr(0, 10) + "\n" + wallet.substr(10), captures = {}));
}

TEST_CASE("wallet:btc: bytes of any kind and length are no wallet") {
  for (std::size_t size = 0; size < 300; ++size) {
    for (const char c : {'\0', '1', '3', 'q', 'z', '\xff'}) {
      Captures captures;
      CHECK_FALSE(check_btc(std::string(size, c), captures));
      CHECK_FALSE(check_btc("bc1" + std::string(size, c), captures));
    }
  }
}
