// Coins whose addresses are Bech32 or Bech32m: SegWit programs, and keys of other coins.  Tested by
// wallets_test.cpp.

#include <algorithm>
#include <array>

#include "match/wallets/bech32.h"
#include "match/wallets/five_bits.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

constexpr std::string_view kMain = "mainnet", kTest = "testnet";

struct Segwit {
  std::string_view prefix;
  Wallet wallet;  // its kind is told by the program
};
constexpr std::array<Segwit, 5> kSegwit = {{
    {"bc", {"BTC", "", kMain, CoinGroup::bitcoin}},
    {"tb", {"BTC", "", kTest, CoinGroup::bitcoin}},
    {"bcrt", {"BTC", "", "regtest", CoinGroup::bitcoin}},
    {"ltc", {"LTC", "", kMain, CoinGroup::payment}},
    {"dgb", {"DGB", "", kMain, CoinGroup::payment}},
}};

// A prefix whose values are bytes: keys, hashes.
struct Key {
  std::string_view prefix;
  char separator;
  bool modified;
  std::size_t least, most;  // bytes
  Wallet wallet;
};
// Zcash's unified address is F4Jumbled, which changes what its bytes mean, not that Bech32m's 30
// bits hold; it is not undone, since that needs BLAKE2b with personalisation.
constexpr std::array<Key, 9> kKeys = {{
    {"dero", '1', false, 34, 34, {"DERO", "standard", kMain, CoinGroup::cryptonote}},
    {"deroi", '1', false, 35, 120, {"DERO", "integrated", kMain, CoinGroup::cryptonote}},
    {"xel", ':', false, 33, 33, {"XEL", "standard", kMain, CoinGroup::mined}},
    {"xet", ':', false, 33, 33, {"XEL", "standard", kTest, CoinGroup::mined}},
    {"grin", '1', false, 32, 32, {"GRIN", "slatepack", kMain, CoinGroup::mined}},
    {"tgrin", '1', false, 32, 32, {"GRIN", "slatepack", kTest, CoinGroup::mined}},
    {"zs", '1', false, 43, 43, {"ZEC/ARRR", "sapling", kMain, CoinGroup::mined}},
    {"tex", '1', true, 20, 20, {"ZEC", "tex", kMain, CoinGroup::mined}},
    {"u", '1', true, 48, 310, {"ZEC", "unified", kMain, CoinGroup::mined}},
}};
constexpr std::size_t kLongest = 512;

std::string_view segwit_kind(const SegwitAddress& address) {
  if (address.version == 0) return address.program.size() == 20 ? "p2wpkh" : "p2wsh";
  if (address.version == 1 && address.program.size() == 32) return "p2tr";
  return "segwit";
}

std::optional<Wallet> segwit_wallet(std::string_view text) {
  const auto address = decode_segwit(text);
  if (!address) return std::nullopt;
  const auto* const known = std::find_if(kSegwit.begin(), kSegwit.end(), [&](const Segwit& coin) {
    return coin.prefix == address->prefix;
  });
  if (known == kSegwit.end()) return std::nullopt;
  Wallet wallet = known->wallet;
  wallet.kind = segwit_kind(*address);
  return wallet;
}

// Nervos: RFC 21.  The first byte tells the format: 0 full (code hash, its type, arguments), 1
// short (an index, 20 bytes), 2 and 4 full as it was.
std::optional<Wallet> nervos_wallet(const Bech32& parts) {
  if (parts.prefix != "ckb" && parts.prefix != "ckt") return std::nullopt;
  const auto bytes = five_bits_to_bytes(parts.values);
  if (!bytes || bytes->empty()) return std::nullopt;
  const std::uint8_t format = bytes->front();
  if (parts.modified != (format == 0)) return std::nullopt;
  std::string_view kind;
  if (format == 0 && bytes->size() >= 34 && (*bytes)[33] <= 4) {
    kind = "full";
  } else if (format == 1 && bytes->size() == 22 && (*bytes)[1] <= 2) {
    kind = "short";
  } else if ((format == 2 || format == 4) && bytes->size() >= 33) {
    kind = "full-deprecated";
  } else {
    return std::nullopt;
  }
  return Wallet{.coin = "CKB",
                .kind = kind,
                .network = parts.prefix == "ckb" ? kMain : kTest,
                .group = CoinGroup::mined};
}

}  // namespace

std::optional<Wallet> bech32_wallet(std::string_view text) {
  if (auto wallet = segwit_wallet(text)) return wallet;
  const char separator = text.starts_with("xel:") || text.starts_with("xet:") ? ':' : '1';
  const auto parts = decode_bech32(text, kLongest, separator);
  if (!parts) return std::nullopt;
  if (auto wallet = nervos_wallet(*parts)) return wallet;
  const auto* const key = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& known) {
    return known.prefix == parts->prefix && known.separator == separator;
  });
  if (key == kKeys.end() || key->modified != parts->modified) return std::nullopt;
  const auto bytes = five_bits_to_bytes(parts->values);
  if (!bytes || bytes->size() < key->least || bytes->size() > key->most) return std::nullopt;
  return key->wallet;
}

}  // namespace minescan::match
