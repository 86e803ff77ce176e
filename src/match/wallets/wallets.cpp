// Tested by wallets_test.cpp with testdata/wallets/.

#include "match/wallets/wallets.h"

#include <algorithm>
#include <array>
#include <string>

namespace minescan::match {
namespace {

// Integrated addresses with what else they hold; no family has longer ones.
constexpr std::size_t kLongest = 512;

std::string_view wallet_text(std::string_view text, const Captures& captures) {
  const auto found = captures.find("wallet");
  return found == captures.end() || found->second.empty() ? text : std::string_view(found->second);
}

void set_wallet(Captures& captures, std::string_view text, std::string_view coin,
                const Wallet& wallet) {
  // `text` and `coin` may be views of captures: copied before those are assigned to.
  std::string address(text), name(coin);
  captures["wallet"] = std::move(address);
  captures["coin"] = std::move(name);
  captures["kind"] = wallet.kind;
  captures["network"] = wallet.network;
}

bool check_group(CoinGroup group, std::string_view text, Captures& captures) {
  const std::string_view address = wallet_text(text, captures);
  const auto wallet = identify(address);
  if (!wallet || wallet->group != group) return false;
  set_wallet(captures, address, wallet->coin, *wallet);
  return true;
}

// Whether `name` is among the names that '/' separates.
bool names_coin(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t end = std::min(names.find('/'), names.size());
    if (names.substr(0, end) == name) return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

}  // namespace

std::optional<Wallet> identify(std::string_view text) {
  if (text.size() > kLongest) return std::nullopt;
  // In an order that does not matter but for the last: a checksum proves its family.
  static constexpr std::array kFamilies = {
      cryptonote_wallet, base58check_wallet, bech32_wallet, cashaddr_wallet, evm_wallet,
      ergo_wallet,       ton_wallet,         nimiq_wallet,  qubic_wallet,    unchecked_wallet};
  for (const auto family : kFamilies) {
    if (const auto wallet = family(text)) return wallet;
  }
  return std::nullopt;
}

bool check_xmr(std::string_view text, Captures& captures) {
  return check_group(CoinGroup::monero, text, captures);
}
bool check_btc(std::string_view text, Captures& captures) {
  return check_group(CoinGroup::bitcoin, text, captures);
}
bool check_cryptonote(std::string_view text, Captures& captures) {
  return check_group(CoinGroup::cryptonote, text, captures);
}
bool check_mined(std::string_view text, Captures& captures) {
  return check_group(CoinGroup::mined, text, captures);
}
bool check_payment(std::string_view text, Captures& captures) {
  return check_group(CoinGroup::payment, text, captures);
}
bool check_named(std::string_view text, Captures& captures) {
  return check_group(CoinGroup::named, text, captures);
}

bool check_account(std::string_view text, Captures& captures) {
  const auto coin = captures.find("coin");
  if (coin == captures.end() || coin->second.empty()) return false;
  const std::string_view address = wallet_text(text, captures);
  const auto wallet = identify(address);
  if (!wallet) return false;
  const bool carries_tokens = wallet->kind == "evm" || wallet->kind == "tron" ||
                              wallet->kind == "ed25519" || wallet->coin == "TON";
  if (!carries_tokens && !names_coin(wallet->coin, coin->second)) return false;
  set_wallet(captures, address, coin->second, *wallet);
  return true;
}

}  // namespace minescan::match
