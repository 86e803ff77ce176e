#include "match/wallets/wallets.h"

#include <string>

namespace minescan::match {

std::string_view wallet_text(std::string_view text, const Captures& captures) {
  const auto found = captures.find("wallet");
  return found == captures.end() || found->second.empty() ? text : std::string_view(found->second);
}

void set_wallet(Captures& captures, std::string_view wallet, std::string_view coin,
                std::string_view kind, std::string_view network) {
  // `wallet` may be a view of captures["wallet"]: copied before that is assigned to.
  std::string copy(wallet);
  captures["wallet"] = std::move(copy);
  captures["coin"] = coin;
  captures["kind"] = kind;
  captures["network"] = network;
}

}  // namespace minescan::match
