#include "inspect/commands/options.h"

#include <algorithm>
#include <array>

#include "base/hidden_words.h"
#include "inspect/commands/text.h"

namespace minescan::inspect::commands {
namespace {

// Options that say where a miner connects, for whom it works, what it computes.  Sorted.  Two
// different ones make a line worth a look; what it means is the matcher's business.  Without the
// dash in front, or this file would be a miner's to minescan.
// clang-format off
constexpr auto kOptions = hidden_words([] { return std::to_array<std::string_view>({
    "-a2", "-address", "-algo", "-algo2", "-algorithm", "-allow-large-alloc", "-amd-opencl",
    "-api-bind-http", "-api-bind-telnet", "-api-worker-id", "-argon2-impl",
    "-back-to-main-pool-sec", "-bfactor", "-cc-access-token", "-cc-url", "-cc-worker-id",
    "-cl-global-work", "-coin", "-coinbase-addr", "-cpu-affinity", "-cpu-max-threads-hint",
    "-cpu-memory-pool", "-cpu-no-yield", "-cuda-bfactor-hint", "-cuda-bsleep-hint", "-cuda-loader",
    "-currency", "-daemon-address", "-daemon-poll-interval", "-daemon-zmq-port", "-dag-build-mode", "-dag-load-mode",
    "-dalgo", "-devfund-percent", "-disable-cpu", "-disable-dag-verify", "-disable-gpu", "-donate",
    "-donate-level", "-donate-over-proxy", "-dpool", "-dserver", "-dual-algo", "-dualpool",
    "-dualuser", "-duser", "-enable-dag-cache", "-enablezilcache", "-ethstratum",
    "-extra-dag-epoch", "-farm-recheck", "-farm-retries", "-gpu-id", "-gpu-intensity",
    "-health-print-time", "-host", "-hostname", "-http-no-restricted", "-huge-pages-jit",
    "-kaspad-address", "-keepalive", "-lhr-mode", "-lhr-unlock", "-lhrtune", "-max-cpu-usage",
    "-mine-when-not-synced", "-miner-address", "-mining-address", "-mining-threads", "-nicehash", "-no-dag-split",
    "-no-huge-pages", "-no-watchdog", "-o1", "-o2", "-opencl-launch", "-opencl-threads", "-par",
    "-pass", "-password", "-pause-on-active", "-pers", "-pool", "-port", "-proto", "-proxy",
    "-proxy-stratum", "-randomx-1gb-pages", "-randomx-cache-qos", "-randomx-init", "-randomx-mode",
    "-randomx-no-numa", "-randomx-no-rdmsr", "-randomx-wrmsr", "-rawintensity", "-report-hashrate",
    "-rig-id", "-rpc-host", "-self-select", "-server", "-start-mining", "-stratum", "-stratum-port",
    "-submit-to-origin", "-tls", "-tls-fingerprint", "-u1", "-uri", "-url", "-url2", "-user",
    "-userpass", "-wallet", "-wallet-address", "-worker", "-worker-name", "-xintensity",
    "-zilserver", "-zmq-port", "G", "O", "P", "U", "a", "address", "algo", "c", "cdmport", "coin",
    "d", "dcoin", "dpool", "dwal", "epool", "epsw", "ewal", "k", "l", "mining-address", "o", "o1",
    "o2", "p", "pass", "pool", "port", "proto", "psw", "r", "rig", "rmode", "s", "server",
    "stratum-port", "stratum-url", "t", "u", "u1", "uri", "url", "user", "w", "wal", "wallet",
    "worker"}); });
// clang-format on

// Options that many programs have: these alone do not make a line worth a look.
// clang-format off
constexpr auto kCommon = std::to_array<std::string_view>({
    "--cpu-affinity", "--host", "--keepalive", "--pass", "--password", "--port", "--proxy",
    "--tls", "-G", "-U", "-a", "-c", "-d", "-k", "-l", "-p", "-port", "-r", "-s", "-server",
    "-t", "-w"});
// clang-format on

// Of a word that begins with a dash.
bool is_known(std::string_view word) { return kOptions.contains(word.substr(1)); }

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

// Letters and digits enough for a wallet.
bool has_account(std::string_view text) {
  constexpr std::size_t kShortest = 34;
  std::size_t run = 0;
  return std::any_of(text.begin(), text.end(), [&](char c) {
    run = is_word(c) && c != '_' ? run + 1 : 0;
    return run >= kShortest;
  });
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
  const bool stratum = command.find("stratum") != std::string_view::npos;
  if (rare.empty()) return two && stratum && command.find("://") != std::string_view::npos;
  return two_rare || stratum || (two && (has_address(command) || has_account(command)));
}

}  // namespace minescan::inspect::commands
