#pragma once
// The wallet validators, one source file per coin.  Contract: match/validators.h.  The address is
// the capture "wallet" when `confirm` names that group, else the whole text.  On success they set
// "wallet", "coin", "kind" and "network".

#include <string_view>

#include "match/validators.h"

namespace minescan::match {

// Monero: 95 characters (standard, subaddress) or 106 (integrated) of main, stage and test network.
bool check_xmr(std::string_view text, Captures& captures);

// Bitcoin: P2PKH, P2SH and SegWit of main, test and regression test network.
bool check_btc(std::string_view text, Captures& captures);

// What the two share: the capture "wallet", or the text.
std::string_view wallet_text(std::string_view text, const Captures& captures);
void set_wallet(Captures& captures, std::string_view wallet, std::string_view coin,
                std::string_view kind, std::string_view network);

}  // namespace minescan::match
