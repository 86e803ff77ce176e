// Bitcoin addresses: Base58Check of a version byte and a 20-byte hash, or SegWit.  Tested by
// btc_test.cpp.

#include <algorithm>
#include <array>

#include "match/wallets/base58.h"
#include "match/wallets/bech32.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

// chainparams.cpp of Bitcoin Core.
struct Version {
  std::uint8_t value;
  std::string_view kind, network;
};
constexpr std::array<Version, 4> kVersions = {{{0x00, "p2pkh", "mainnet"},
                                               {0x05, "p2sh", "mainnet"},
                                               {0x6f, "p2pkh", "testnet"},
                                               {0xc4, "p2sh", "testnet"}}};
struct Prefix {
  std::string_view text, network;
};
constexpr std::array<Prefix, 3> kPrefixes = {
    {{"bc", "mainnet"}, {"tb", "testnet"}, {"bcrt", "regtest"}}};
constexpr std::size_t kHash = 20;
constexpr std::size_t kLongestBase58 = 35;  // 25 bytes never need more

bool check_base58(std::string_view wallet, Captures& captures) {
  if (wallet.size() > kLongestBase58) return false;
  const auto payload = base58_check_decode(wallet);
  if (!payload || payload->size() != 1 + kHash) return false;
  const auto* const version =
      std::find_if(kVersions.begin(), kVersions.end(),
                   [&payload](const Version& known) { return known.value == payload->front(); });
  if (version == kVersions.end()) return false;
  set_wallet(captures, wallet, "BTC", version->kind, version->network);
  return true;
}

std::string_view segwit_kind(const SegwitAddress& address) {
  if (address.version == 0) return address.program.size() == kHash ? "p2wpkh" : "p2wsh";
  if (address.version == 1 && address.program.size() == 32) return "p2tr";
  return "segwit";
}

bool check_segwit(std::string_view wallet, Captures& captures) {
  const auto address = decode_segwit(wallet);
  if (!address) return false;
  const auto* const prefix =
      std::find_if(kPrefixes.begin(), kPrefixes.end(),
                   [&address](const Prefix& known) { return known.text == address->prefix; });
  if (prefix == kPrefixes.end()) return false;
  set_wallet(captures, wallet, "BTC", segwit_kind(*address), prefix->network);
  return true;
}

}  // namespace

bool check_btc(std::string_view text, Captures& captures) {
  const std::string_view wallet = wallet_text(text, captures);
  return check_base58(wallet, captures) || check_segwit(wallet, captures);
}

}  // namespace minescan::match
