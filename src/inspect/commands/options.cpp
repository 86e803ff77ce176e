#include "inspect/commands/options.h"

#include <algorithm>
#include <array>

#include "inspect/commands/text.h"

namespace minescan::inspect::commands {
namespace {

// Options that say where a miner connects, for whom it works, what it computes.  Sorted.  Two
// different ones make a line worth a look; what it means is the matcher's business.
// clang-format off
constexpr auto kOptions = std::to_array<std::string_view>({
    "--a2", "--address", "--algo", "--algo2", "--algorithm", "--api-bind-http", "--coin",
    "--cpu-affinity", "--cpu-max-threads-hint", "--currency", "--dalgo", "--devfund-percent",
    "--disable-cpu", "--disable-gpu", "--donate", "--donate-level", "--donate-over-proxy",
    "--dpool", "--dserver", "--dualpool", "--dualuser", "--duser", "--ethstratum",
    "--farm-recheck", "--gpu-id", "--host", "--hostname", "--kaspad-address", "--keepalive",
    "--lhr-mode", "--max-cpu-usage", "--mining-address", "--mining-threads", "--nicehash",
    "--no-huge-pages", "--no-watchdog", "--o1", "--o2", "--par", "--pass", "--password",
    "--pers", "--pool", "--port", "--proto", "--randomx-mode", "--rig-id", "--rpc-host",
    "--server", "--start-mining", "--stratum", "--stratum-port", "--tls", "--u1", "--uri",
    "--url", "--url2", "--user", "--userpass", "--wallet", "--wallet-address", "--worker",
    "--worker-name", "--zmq-port", "-G", "-O", "-P", "-U", "-a", "-address", "-algo", "-c",
    "-coin", "-d", "-dcoin", "-dpool", "-dwal", "-epool", "-epsw", "-ewal", "-k", "-l",
    "-mining-address", "-o", "-o1", "-o2", "-p", "-pass", "-pool", "-proto", "-psw", "-r",
    "-rig", "-s", "-stratum-port", "-stratum-url", "-t", "-u", "-u1", "-uri", "-url", "-user",
    "-w", "-wal", "-wallet", "-worker"});
// clang-format on
static_assert(std::is_sorted(kOptions.begin(), kOptions.end()));

// Options that many programs have: these alone do not make a line worth a look.
// clang-format off
constexpr auto kCommon = std::to_array<std::string_view>({
    "--cpu-affinity", "--host", "--keepalive", "--pass", "--password", "--port", "--tls", "-G",
    "-U", "-a", "-c", "-d", "-k", "-l", "-p", "-r", "-s", "-t", "-w"});
// clang-format on

bool is_known(std::string_view word) {
  return std::binary_search(kOptions.begin(), kOptions.end(), word);
}

bool is_common(std::string_view word) {
  return std::find(kCommon.begin(), kCommon.end(), word) != kCommon.end();
}

// The option that begins at text[at], a '-', or "" when none does.
std::string_view option_at(std::string_view text, std::size_t at) {
  if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '-')) return {};
  constexpr std::size_t kLongest = 32;
  std::size_t end = at + 1;
  while (end < text.size() && (is_word(text[end]) || text[end] == '-')) {
    if (++end - at > kLongest) return {};
  }
  const std::string_view word = text.substr(at, end - at);
  return is_known(word) ? word : std::string_view();
}

// "gate:3333", "://": somewhere to connect to.
bool has_address(std::string_view text) {
  for (std::size_t at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with("//")) return true;
    if (at > 0 && rest.size() >= 2 && is_digit(rest[0]) && is_digit(rest[1]) &&
        (is_word(text[at - 1]) || text[at - 1] == '}' || text[at - 1] == ']')) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::size_t find_option(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('-', from); at != std::string_view::npos;
       at = text.find('-', at + 1)) {
    if (!option_at(text, at).empty()) return at;
  }
  return std::string_view::npos;
}

bool is_option(std::string_view word) {
  return word.starts_with('-') && !option_at(word, 0).empty();
}

bool is_rare_option(std::string_view word) {
  return is_option(word) && !is_common(option_at(word, 0));
}

bool is_telling(std::string_view command) {
  std::string_view first, rare;
  bool two = false, two_rare = false;
  for (std::size_t at = find_option(command); at != std::string_view::npos && !two_rare;
       at = find_option(command, at + 1)) {
    const std::string_view option = option_at(command, at);
    two = two || (!first.empty() && option != first);
    if (first.empty()) first = option;
    if (is_common(option)) continue;
    two_rare = !rare.empty() && option != rare;
    if (rare.empty()) rare = option;
  }
  if (rare.empty()) return false;
  return two_rare || (two && has_address(command)) ||
         command.find("stratum") != std::string_view::npos;
}

}  // namespace minescan::inspect::commands
