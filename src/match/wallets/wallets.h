#pragma once
// Addresses of coins, told by their checksums.  Each family of encodings has one source file with
// one table "what stands in the address → coin, kind"; identify() asks them all.
//
// Not here: coins whose checksum needs hash functions of their own (GRS, DCR) or whose constants
// nobody has verified.

#include <cstdint>
#include <optional>
#include <string_view>

#include "match/validators.h"

namespace minescan::match {

// What a coin's address says about mining.
enum class CoinGroup : std::uint8_t {
  monero,  // what almost all cryptojacking mines
  bitcoin,
  cryptonote,  // mined with processors, hardly ever used to pay: ZEPH SAL WOW TRTL DNX DERO
  mined,       // known chiefly to miners: KAS RVN ERG FLUX …
  payment,     // used to pay; pools that exchange coins take them: LTC DOGE TRX BCH …
  named,       // no checksum or a weak one (SOL ALPH BEAM TON NIM), or found in every file of some
               // programs (ETH): evidence only where the text says that a wallet stands here
};

struct Wallet {
  std::string_view coin;  // "XMR"; "RVN/KMD/RTM/VRSC" where coins share a form
  std::string_view kind;  // "standard", "p2pkh", …
  std::string_view network = "mainnet";
  CoinGroup group = CoinGroup::payment;
};

// One function for each family; nullopt for what is no address of it.  Any bytes may come; the work
// is bounded whatever their number.
std::optional<Wallet> base58check_wallet(std::string_view text);  // base58check.cpp
std::optional<Wallet> cryptonote_wallet(std::string_view text);   // cryptonote.cpp
std::optional<Wallet> bech32_wallet(std::string_view text);       // bech32_coins.cpp
std::optional<Wallet> cashaddr_wallet(std::string_view text);     // cashaddr_coins.cpp
std::optional<Wallet> evm_wallet(std::string_view text);          // other_coins.cpp, as are those:
std::optional<Wallet> ergo_wallet(std::string_view text);
std::optional<Wallet> ton_wallet(std::string_view text);
std::optional<Wallet> nimiq_wallet(std::string_view text);
std::optional<Wallet> qubic_wallet(std::string_view text);  // qubic.cpp
std::optional<Wallet> unchecked_wallet(std::string_view text);

std::optional<Wallet> identify(std::string_view text);

// The validators; contract: match/validators.h.  The address is the capture "wallet" when `confirm`
// names that group, else the whole text.  On success they set "wallet", "coin", "kind" and
// "network".
bool check_xmr(std::string_view text, Captures& captures);
bool check_btc(std::string_view text, Captures& captures);
bool check_cryptonote(std::string_view text, Captures& captures);
bool check_mined(std::string_view text, Captures& captures);
bool check_payment(std::string_view text, Captures& captures);
bool check_named(std::string_view text, Captures& captures);

// A wallet with the coin to be paid in before it, as exchanging pools take it: "TRX:T…".  The
// capture "coin" must be one that has such addresses; tokens live at their chain's addresses.
bool check_account(std::string_view text, Captures& captures);

}  // namespace minescan::match
