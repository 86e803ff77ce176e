#include <doctest/doctest.h>

#include "match/wallets/wallets.h"
#include "support/wallet_vectors.h"

using minescan::match::Captures;
using minescan::match::check_xmr;

TEST_CASE("wallet:xmr: every published and made vector is judged right") {
  const auto vectors = minescan::test::wallet_vectors("xmr");
  REQUIRE(vectors.size() > 30);
  for (const auto& vector : vectors) {
    CAPTURE(vector.address);
    Captures captures;
    REQUIRE(check_xmr(vector.address, captures) == vector.valid);
    if (!vector.valid) {
      CHECK(captures.empty());
      continue;
    }
    CHECK(captures["coin"] == "XMR");
    CHECK(captures["kind"] == vector.kind);
    CHECK(captures["network"] == vector.network);
    CHECK(captures["wallet"] == vector.address);
  }
}

TEST_CASE("wallet:xmr: any one changed character makes it no wallet") {
  for (const auto& vector : minescan::test::wallet_vectors("xmr")) {
    if (!vector.valid) continue;
    for (std::size_t i = 0; i < vector.address.size(); ++i) {
      std::string changed = vector.address;
      changed[i] = changed[i] == 'x' ? 'y' : 'x';
      CAPTURE(changed);
      Captures captures;
      CHECK_FALSE(check_xmr(changed, captures));
    }
  }
}

TEST_CASE("wallet:xmr: the named group is judged, not the text around it") {
  const std::string wallet = minescan::test::wallet_vectors("xmr").at(0).address;
  Captures captures = {{"wallet", wallet}};
  CHECK(check_xmr("-u " + wallet + ".rig1", captures));
  CHECK(captures["wallet"] == wallet);
  captures.clear();
  CHECK_FALSE(check_xmr("-u " + wallet + ".rig1", captures));
}

TEST_CASE("wallet:xmr: bytes of any kind and length are no wallet") {
  for (std::size_t size = 0; size < 300; ++size) {
    for (const char c : {'\0', '1', '4', 'z', '\xff'}) {
      Captures captures;
      CHECK_FALSE(check_xmr(std::string(size, c), captures));
    }
  }
}
