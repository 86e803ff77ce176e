#include "match/wallets/wallets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

#include "support/wallet_vectors.h"

using namespace minescan::match;
using minescan::test::all_wallet_vectors;
using minescan::test::WalletVector;

namespace {

// A text that is no wallet of a checked form may still have the length of an unchecked one.
bool is_checked(std::string_view text) {
  const auto wallet = identify(text);
  return wallet && !unchecked_wallet(text);
}

// Whether a changed character can go unseen: no checksum, or one case only.
bool is_unchecked(const WalletVector& vector) {
  return vector.coin == "SOL" || vector.coin == "ALPH" || vector.coin == "BEAM" ||
         vector.coin == "ETH";
}

std::vector<WalletVector> valid_vectors() {
  std::vector<WalletVector> vectors = all_wallet_vectors();
  std::erase_if(vectors, [](const WalletVector& vector) { return !vector.valid; });
  REQUIRE(vectors.size() > 140);
  return vectors;
}

}  // namespace

TEST_CASE("wallets: every published and made vector is judged right") {
  std::set<std::string> forms;
  for (const WalletVector& vector : all_wallet_vectors()) {
    CAPTURE(vector.form);
    CAPTURE(vector.address);
    forms.insert(vector.form);
    const auto wallet = identify(vector.address);
    if (!vector.valid) {
      // 43 characters of Bech32 may happen to be 32 bytes in Base58.
      if (vector.form == "dgb-bech32" && wallet) {
        CHECK(wallet->coin == "SOL");
      } else {
        CHECK_FALSE(wallet.has_value());
      }
      continue;
    }
    REQUIRE(wallet.has_value());
    CHECK(wallet->coin == vector.coin);
    CHECK(wallet->kind == vector.kind);
    CHECK(wallet->network == vector.network);
  }
  CHECK(forms.size() > 48);
}

TEST_CASE("wallets: any one changed character makes it no wallet") {
  for (const WalletVector& vector : valid_vectors()) {
    if (is_unchecked(vector)) continue;
    CAPTURE(vector.address);
    for (std::size_t i = 0; i < vector.address.size(); ++i) {
      std::string changed = vector.address;
      changed[i] = changed[i] == 'x' ? 'y' : 'x';
      CAPTURE(changed);
      // Conflux's type is a remark that no checksum covers.
      if (vector.address.find("type.") < i && i < vector.address.rfind(':')) continue;
      CHECK_FALSE(is_checked(changed));
    }
  }
}

TEST_CASE("wallets: shorter and longer texts are no wallets") {
  for (const WalletVector& vector : valid_vectors()) {
    if (is_unchecked(vector)) continue;
    CAPTURE(vector.address);
    const std::string& address = vector.address;
    for (std::size_t size = 0; size < address.size(); ++size) {
      CHECK_FALSE(is_checked(address.substr(0, size)));
    }
    CHECK_FALSE(is_checked(address + "q"));
    CHECK_FALSE(is_checked(address + " "));
    CHECK_FALSE(is_checked(" " + address));
    CHECK_FALSE(is_checked(address + std::string(10'000, '1')));
    CHECK_FALSE(is_checked(std::string(10'000, '1') + address));
  }
}

TEST_CASE("wallets: mixed case is refused where a form has one case") {
  for (const WalletVector& vector : valid_vectors()) {
    if (vector.address.find_first_of("1:") == std::string::npos) continue;
    if (!bech32_wallet(vector.address) && !cashaddr_wallet(vector.address)) continue;
    std::string mixed = vector.address;
    const auto last = std::find_if(mixed.rbegin(), mixed.rend(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
    REQUIRE(last != mixed.rend());
    *last = static_cast<char>(*last ^ ' ');
    CAPTURE(mixed);
    CHECK_FALSE(is_checked(mixed));
  }
}

TEST_CASE("wallets: an Ethereum address of mixed case needs EIP-55's") {
  CHECK(identify("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").has_value());
  CHECK_FALSE(identify("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD").has_value());
  CHECK_FALSE(identify("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed").has_value());
  CHECK(identify("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").has_value());
  CHECK(identify("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED").has_value());
  CHECK_FALSE(identify("0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").has_value());
  CHECK_FALSE(identify("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae").has_value());
  CHECK_FALSE(identify("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg").has_value());
}

TEST_CASE("wallets: a long name is no key without checksum, though Base58 makes 32 bytes of it") {
  CHECK_FALSE(identify("TGroupLicenseUsersListResponseTypeuserArray").has_value());
  CHECK_FALSE(identify("TGroupLicenseUsersListResponseType1serArray").has_value());
  CHECK(identify("TGroupLicenseUsersListResponseType12erArray").has_value());
}

TEST_CASE("wallets: each coin belongs to one validator, which tells coin, kind and network") {
  constexpr std::array kChecks = {check_xmr,   check_btc,     check_cryptonote,
                                  check_mined, check_payment, check_named};
  std::set<std::size_t> used;
  for (const WalletVector& vector : valid_vectors()) {
    CAPTURE(vector.address);
    int accepted = 0;
    for (std::size_t i = 0; i < kChecks.size(); ++i) {
      Captures captures = {{"wallet", vector.address}};
      if (!kChecks.at(i)("-u " + vector.address, captures)) {
        CHECK(captures.size() == 1);
        continue;
      }
      ++accepted;
      used.insert(i);
      CHECK(captures["wallet"] == vector.address);
      CHECK(captures["coin"] == vector.coin);
      CHECK(captures["kind"] == vector.kind);
      CHECK(captures["network"] == vector.network);
    }
    CHECK(accepted == 1);
  }
  CHECK(used ==
        std::set<std::size_t>{2, 3, 4, 5});  // Monero's and Bitcoin's have tests of their own
}

TEST_CASE("wallet:account: the coin must be one that has such addresses") {
  const auto account = [](const std::string& coin, const std::string& wallet) {
    Captures captures = {{"coin", coin}, {"wallet", wallet}};
    const bool valid = check_account(coin + ":" + wallet + ".rig", captures);
    CHECK(captures["coin"] == coin);
    CHECK(captures.contains("kind") == valid);
    return valid;
  };
  const std::string tron = "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC";
  const std::string raven = "RNoSGCX8SPFscj8epDaJjqEpuZa2B5in88";
  CHECK(account("TRX", tron));
  CHECK(account("USDT", tron));  // a token at an address of its chain
  CHECK(account("RVN", raven));
  CHECK(account("VRSC", raven));
  CHECK(account("SHIB", "0x27b1fdb04752bbc536007a920d24acb045561c26"));
  CHECK(account("SOL", "2gVkYWexTHR5Hb2aLeQN3tnngvWzisFKXDUPrgMHpdST"));
  CHECK_FALSE(account("RV", raven));
  CHECK_FALSE(account("RVN/KMD", raven));
  CHECK_FALSE(account("", raven));
  CHECK_FALSE(account("DOGE", raven));
  CHECK_FALSE(account("TRX", "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeq"));
  CHECK_FALSE(account("TRX", ""));
  Captures none;
  CHECK_FALSE(check_account("TRX:" + tron, none));
}

TEST_CASE("wallets: bytes of any kind and length are no wallet") {
  for (std::size_t size = 0; size < 600; ++size) {
    for (const char c : {'\0', ' ', '1', 'q', 'z', 'A', ':', '\xff'}) {
      const std::string bytes(size, c);
      for (const char* prefix : {"", "0x", "dero1", "u1", "ckb1",
                                 "xel:", "kaspa:", "cfx:", "cfx:type.", "NQ", "ZEPH", "EQ"}) {
        CAPTURE(prefix);
        CAPTURE(size);
        // Digits of one case are an address of Ethereum for all that anybody can tell.
        if (std::string_view(prefix) == "0x" && size == 40) continue;
        CHECK_FALSE(is_checked(prefix + bytes));
      }
    }
  }
}
