// Coins whose addresses have CashAddr's code: a version byte and a key or hash behind a prefix.
// Tested by wallets_test.cpp.

#include <algorithm>
#include <array>

#include "match/wallets/cashaddr.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

constexpr std::string_view kMain = "mainnet", kTest = "testnet";
constexpr auto kMined = CoinGroup::mined;

enum class Form : std::uint8_t { bitcoin_cash, kaspa, nexa, conflux };

struct Version {
  Form form;
  std::uint8_t value;
  std::size_t bytes;  // after the version
  std::string_view kind;
};
constexpr std::array<Version, 7> kVersions = {{
    {Form::bitcoin_cash, 0x00, 20, "p2pkh"},
    {Form::bitcoin_cash, 0x08, 20, "p2sh"},
    {Form::kaspa, 0x00, 32, "schnorr"},
    {Form::kaspa, 0x01, 33, "ecdsa"},
    {Form::kaspa, 0x08, 32, "p2sh"},
    {Form::nexa, 0x98, 24, "template"},
    {Form::conflux, 0x00, 20, "base32"},
}};

struct Coin {
  std::string_view prefix;
  Form form;
  std::string_view name, network;
  CoinGroup group;
};
// Kaspa's forks took over all but the prefix.
constexpr std::array<Coin, 18> kCoins = {{
    {"bitcoincash", Form::bitcoin_cash, "BCH", kMain, CoinGroup::payment},
    {"ecash", Form::bitcoin_cash, "XEC", kMain, CoinGroup::payment},
    {"kaspa", Form::kaspa, "KAS", kMain, kMined},
    {"karlsen", Form::kaspa, "KLS", kMain, kMined},
    {"pyrin", Form::kaspa, "PYI", kMain, kMined},
    {"spectre", Form::kaspa, "SPR", kMain, kMined},
    {"nexellia", Form::kaspa, "NXL", kMain, kMined},
    {"hoosat", Form::kaspa, "HTN", kMain, kMined},
    {"bugna", Form::kaspa, "BGA", kMain, kMined},
    {"sedra", Form::kaspa, "SDR", kMain, kMined},
    {"astrix", Form::kaspa, "AIX", kMain, kMined},
    {"cryptix", Form::kaspa, "CYTX", kMain, kMined},
    {"waglayla", Form::kaspa, "WALA", kMain, kMined},
    {"vecno", Form::kaspa, "VE", kMain, kMined},
    {"keryx", Form::kaspa, "KERYX", kMain, kMined},
    {"nexa", Form::nexa, "NEXA", kMain, kMined},
    {"cfx", Form::conflux, "CFX", kMain, kMined},
    {"cfxtest", Form::conflux, "CFX", kTest, kMined},
}};

constexpr std::string_view kConfluxCharacters = "abcdefghjkmnprstuvwxyz0123456789";  // CIP-37
constexpr std::size_t kLongest = 128;
constexpr std::size_t kBitcoinCash = 42;  // characters without prefix

}  // namespace

std::optional<Wallet> cashaddr_wallet(std::string_view text) {
  if (text.size() < kBitcoinCash || text.size() > kLongest) return std::nullopt;
  const auto lower = one_case(text);
  if (!lower) return std::nullopt;
  std::string_view body = *lower;
  // Bitcoin Cash may be written without its prefix, which the checksum covers all the same.
  std::string_view prefix = "bitcoincash";
  if (const std::size_t colon = body.find(':'); colon != std::string_view::npos) {
    prefix = body.substr(0, colon);
    body.remove_prefix(colon + 1);
  } else if (body.size() != kBitcoinCash) {
    return std::nullopt;
  }
  const auto* const coin = std::find_if(kCoins.begin(), kCoins.end(),
                                        [&](const Coin& known) { return known.prefix == prefix; });
  if (coin == kCoins.end()) return std::nullopt;
  const bool conflux = coin->form == Form::conflux;
  if (conflux && body.starts_with("type.")) {
    body.remove_prefix(std::min(body.find(':'), body.size() - 1) + 1);
  }
  const auto bytes =
      decode_cashaddr(prefix, body, conflux ? kConfluxCharacters : kBech32Characters);
  if (!bytes || bytes->empty()) return std::nullopt;
  const auto* const version =
      std::find_if(kVersions.begin(), kVersions.end(), [&](const Version& known) {
        return known.form == coin->form && known.value == bytes->front() &&
               known.bytes + 1 == bytes->size();
      });
  if (version == kVersions.end()) return std::nullopt;
  return Wallet{
      .coin = coin->name, .kind = version->kind, .network = coin->network, .group = coin->group};
}

}  // namespace minescan::match
