#include "match/validators.h"

#include <algorithm>
#include <array>

#include "match/commands.h"
#include "match/hosts.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

// Sorted by name.
constexpr std::array<Validator, 12> kValidators = {{{"host-port", check_host_port},
                                                    {"miner-command", check_miner_command},
                                                    {"pool-command", check_pool_command},
                                                    {"pool-host", check_pool_host},
                                                    {"started-command", check_started_command},
                                                    {"wallet:account", check_account},
                                                    {"wallet:btc", check_btc},
                                                    {"wallet:cryptonote", check_cryptonote},
                                                    {"wallet:mined", check_mined},
                                                    {"wallet:named", check_named},
                                                    {"wallet:payment", check_payment},
                                                    {"wallet:xmr", check_xmr}}};

}  // namespace

const Validator* validator_by_name(std::string_view name) {
  const auto* const found = std::find_if(kValidators.begin(), kValidators.end(),
                                         [name](const Validator& v) { return v.name == name; });
  return found == kValidators.end() ? nullptr : found;
}

std::vector<std::string_view> validator_names() {
  std::vector<std::string_view> names;
  names.reserve(kValidators.size());
  for (const Validator& validator : kValidators) names.push_back(validator.name);
  return names;
}

}  // namespace minescan::match
