#include "match/commands.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "match/command_words.h"
#include "match/hosts.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string base_name(std::string_view word) {
  const std::size_t slash = word.find_last_of("/\\");
  if (slash != std::string_view::npos) word.remove_prefix(slash + 1);
  std::string name = lower(word);
  if (name.ends_with(".exe")) name.resize(name.size() - 4);
  return name;
}

// A pool can be there too, but then more than an address and an account has to say so.
bool is_service_port(std::string_view port) {
  if (is_in(kServicePorts, port)) return true;
  const bool well_known = port.size() < 4 || (port.size() == 4 && port < "1024");
  return well_known && !is_in(kOpenPorts, port);
}

bool is_system(std::string_view path) {
  return std::any_of(kSystemFolders.begin(), kSystemFolders.end(), [&](std::string_view folder) {
    return path.starts_with(folder) && path.find('/', folder.size()) == std::string_view::npos;
  });
}

// A variable that nothing resolved: "$POOL", "${WALLET}.x", "%USER%".
bool is_variable(std::string_view word) {
  return word.find('$') != std::string_view::npos ||
         (word.size() > 2 && word.front() == '%' && word.find('%', 1) != std::string_view::npos);
}

bool names_any(std::string_view word, std::initializer_list<std::string_view> parts) {
  const std::string name = lower(word);
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

// "stratum+tcp://", "stratum2+ssl://", "ethproxy://": nothing but miners speaks these.
bool is_mining_scheme(std::string_view scheme) {
  const std::string name = lower(scheme);
  return kSchemes.begins(name);
}

// --- one command

enum class Pool : std::uint8_t {
  none,
  variable,  // an unresolved variable that is called like a pool
  address,   // host and port
  scheme,    // a scheme of pools
};

enum class User : std::uint8_t {
  none,
  word,      // anything
  variable,  // an unresolved variable that is called like a wallet or user
  shaped,    // long enough and of the right letters
  wallet,    // its checksum is right
};

struct Reading {
  Pool pool = Pool::none;
  bool vague_pool = true;  // named by an option that other programs have
  bool web = false;        // told with a scheme that other programs use
  User user = User::none;
  bool wallet_option = false;
  bool told_where = false;  // by an option that hardly anything else has, whatever it says
  bool algorithm = false, vague_algorithm = false;
  bool other_algorithm = false;  // named one that nobody mines
  bool password = false;         // "x" or "c=BTC", as pools want it
  std::size_t miner_options = 0, hints = 0;
};

class Reader {
 public:
  Reader(std::string_view text, Captures& captures) : captures_(captures) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      if (end > 0) words_.push_back(text.substr(0, end));
      text.remove_prefix(std::min(text.size(), end + 1));
    }
  }

  // An address and an account, as anything that logs in has.
  bool connects() {
    read();
    return reading_.pool >= Pool::address && !reading_.web && reading_.user != User::none &&
           !other_;
  }

  // In the arguments of a call that starts a program.
  bool starts() {
    if (!mines()) return false;
    return std::any_of(words_.begin(), words_.begin() + first_option(), [](std::string_view word) {
      const std::string all = lower(word);
      const std::string_view call(all);
      const std::size_t dot = call.find_last_of(".:");
      if (is_in(kStarting, call)) return true;
      if (dot == std::string_view::npos) return false;
      const std::string_view name = call.substr(dot + 1);
      return is_in(kStarting, name) || call.ends_with("::command::new") ||
             (is_in(kStartingOfModule, name) && is_in(kStartingModules, call.substr(0, dot)));
    });
  }

  bool mines() {
    if (is_told()) return false;
    read();
    const Reading& r = reading_;
    const bool algorithm = r.algorithm || (r.vague_algorithm && r.pool >= Pool::address);
    const bool user = r.user != User::none;
    const bool pool = r.pool == Pool::address;
    const bool marked = r.miner_options > 0 || program_;
    if (r.pool == Pool::scheme) {
      return user || algorithm || marked || r.password || r.hints > 0;
    }
    // Whoever mines hides behind such names too, but then tells a pool as pools are told.
    if (other_) return r.user == User::wallet && (pool || algorithm) && xmr_;
    if (pool && algorithm) return user || r.password || marked || !r.vague_pool;
    if (pool && r.user == User::wallet) return true;
    // Nobody logs in with a Monero wallet but to mine, also where the address is put together by
    // what is not read here.
    if (r.user == User::wallet && xmr_ && r.told_where) return true;
    const auto port = captures_.find("port");
    const bool service = port != captures_.end() && is_service_port(port->second);
    if (pool && r.user == User::shaped && !service) {
      return !r.web && (!r.vague_pool || r.hints > 0 || r.password);
    }
    if (r.miner_options > 1) return pool || user || algorithm;
    if (pool && marked) return true;
    // An account and the password "x", where no other kind of work is named.
    if (pool && !r.web && user && r.password && !r.other_algorithm && !service) {
      return !r.vague_pool || r.hints > 0;
    }
    if (pool && !r.vague_pool && user && r.wallet_option) return true;
    if (r.algorithm && (r.user == User::wallet || r.user == User::shaped)) return true;
    if (r.pool == Pool::variable) {
      return (r.user == User::variable && !r.vague_pool) || (user && r.wallet_option) ||
             (user && (r.algorithm || marked));
    }
    if (r.user == User::wallet && marked) return true;
    return program_ && (r.algorithm || r.user == User::shaped) && user;
  }

 private:
  void read() {
    name_program();
    // Chains of one's own, for tests.
    const bool own_chain = std::any_of(words_.begin(), words_.end(), [](std::string_view word) {
      return word == "--regtest" || word == "--stagenet" || word == "--testnet";
    });
    for (std::size_t i = 0; i < words_.size(); ++i) {
      std::string_view word = words_[i];
      if (word.empty() || word.front() != '-') continue;
      std::string_view value;
      bool own_value = false;
      if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
        value = word.substr(equals + 1);
        word = word.substr(0, equals);
        own_value = true;
      } else if (i + 1 < words_.size()) {
        value = words_[i + 1];
      }
      if (own_chain && word.ends_with("-mining")) continue;
      if (kMinerOptions.contains(word.substr(1)) && seen_.insert(word).second) {
        ++reading_.miner_options;
      }
      if (kHintOptions.contains(word) && seen_.insert(word).second) ++reading_.hints;
      if (value.empty() || (!own_value && value.front() == '-' && value.size() > 1)) continue;
      take(word, value);
    }
    if (reading_.pool == Pool::none && !bare_host_.empty() && !port_.empty()) {
      pool_address("", bare_host_, port_, bare_is_vague_);
    }
  }

  // Which word is the first option.
  [[nodiscard]] std::ptrdiff_t first_option() const {
    return std::find_if(words_.begin(), words_.end(),
                        [](std::string_view word) {
                          return word.size() > 1 && word.front() == '-' &&
                                 !is_digits(word.substr(1));
                        }) -
           words_.begin();
  }

  // Whether this can only be about a command: what a usage text or the help of an option says.  A
  // shell would find no program of that name.
  [[nodiscard]] bool is_told() const {
    if (words_.empty() || words_.front().find('/') != std::string_view::npos) return false;
    const std::string first = lower(words_.front());
    if ((first.back() == ':' || first.back() == '.') && is_in(kSayings, first)) return true;
    // A script that names itself: "$0 -o", "$(basename $0) -o", "${0##*/} -o".
    std::size_t self = first == "$" ? 1 : 0;
    if (self < words_.size() && words_[self] == "basename") ++self;
    if (self < words_.size() && (words_[self] == "$0" || words_[self].starts_with("0##")))
      return true;

    const auto lead = words_.begin() + std::min<std::ptrdiff_t>(first_option(), 4);
    // Maybe behind the head of a function: "usage() { echo".
    const auto prints = std::find_if(words_.begin(), lead, [](std::string_view word) {
      const std::string call = lower(word);
      return is_in(kPrinting, std::string_view(call).substr(call.rfind('.') + 1));
    });
    const bool reads_options = std::any_of(words_.begin(), lead, [](std::string_view word) {
      return names_any(
          word, {"add_argument", "add_option", "argparse", "argumentparser", "click.",
                 "optionparser", "typer.", ".epilog", ".example", ".help", ".option", ".usage"});
    });
    const bool runs_path = std::any_of(words_.begin(), prints, [](std::string_view word) {
      return word.find('/') != std::string_view::npos;
    });
    if (!reads_options && (prints == lead || runs_path)) return false;
    return std::any_of(words_.begin(), words_.end(), [&](std::string_view word) {
      const std::string said = lower(word);
      return is_in(kSayings, said) ||
             (reads_options && (is_in(kProse, said) || said == ".usage" || said == ".example"));
    });
  }

  void name_program() {
    // The first word may be "exec", "nohup", "sudo", a key of a configuration.
    for (std::size_t i = 0; i < words_.size() && i < 8; ++i) {
      if (words_[i].front() == '-' && i > 0) break;
      std::string_view word = words_[i];
      if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
        word.remove_prefix(equals + 1);  // ExecStart=/bin/x
      }
      const std::string name = base_name(word);
      // Releases are called "name-avx2", "name-6.22.0".
      if (kMiners.contains(name) ||
          kMiners.contains(std::string_view(name).substr(0, name.find('-')))) {
        program_ = true;
        captures_["program"] = name;
      }
      if (is_in(kOthers, name) && (word.find('/') == std::string_view::npos || is_system(word))) {
        other_ = true;
      }
    }
    if (program_) other_ = false;
  }

  void take(std::string_view option, std::string_view value) {
    if (kPoolOptions.contains(option)) {
      const bool vague = kVaguePoolOptions.contains(option);
      reading_.told_where = reading_.told_where || !vague;
      pool(value, vague);
    } else if (const std::size_t end = value.find("://");
               end != std::string_view::npos && is_mining_scheme(value.substr(0, end))) {
      pool(value, false);
      return;
    }
    if (kUserOptions.contains(option)) user(value, kWalletOptions.contains(option));
    if (kAlgorithmOptions.contains(option)) algorithm(value);
    if (kPortOptions.contains(option) && is_digits(value)) port_ = value;
    if (kPasswordOptions.contains(option)) {
      reading_.password = reading_.password || value == "x" || value == "X" || value == "rpc" ||
                          value.starts_with("c=") || value.starts_with("d=");
    }
  }

  void pool(std::string_view value, bool vague) {
    value = without_number(value);
    std::string_view scheme;
    std::string_view rest = value;
    if (const std::size_t end = value.find("://"); end != std::string_view::npos) {
      scheme = value.substr(0, end);
      rest = value.substr(end + 3);
    }
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
      user(rest.substr(0, at), false);
      rest = rest.substr(at + 1);
    }
    if (is_mining_scheme(scheme) && rest.empty()) {
      // The host is put behind it by something that is not seen; lists of words to look for have
      // none.
      if (reading_.pool == Pool::none) reading_.pool = Pool::variable;
      return;
    }
    if (is_mining_scheme(scheme)) {
      reading_.pool = Pool::scheme;
      captures_["scheme"] = lower(scheme);
      Captures parts;
      if (check_host_port(value, parts)) {
        captures_["host"] = parts["host"];
        captures_["port"] = parts["port"];
      }
      return;
    }
    // Databases, brokers and buses have schemes of their own.
    if (!scheme.empty() && !is_in(kPlainSchemes, lower(scheme))) return;
    Captures parts;
    if (check_host_port(value, parts)) {
      pool_address(scheme, parts["host"], parts["port"], vague);
    } else if (is_variable(value)) {
      // The name decides, or a mining port behind it.
      if (names_any(value, {"pool", "stratum", "miner", "mining"}) && reading_.pool == Pool::none) {
        reading_.pool = Pool::variable;
        reading_.vague_pool = vague;
      } else if (!vague && reading_.pool == Pool::none &&
                 names_any(value, {"url", "host", "server", "addr"})) {
        reading_.pool = Pool::variable;
      }
    } else if (rest.find('.') != std::string_view::npos && bare_host_.empty()) {
      bare_host_ = std::string(rest);
      bare_is_vague_ = vague;
    }
  }

  void pool_address(std::string_view scheme, const std::string& host, const std::string& port,
                    bool vague) {
    if (reading_.pool >= Pool::address && !(reading_.vague_pool && !vague)) return;
    // Web addresses are what other programs take.
    const bool web = scheme == "http" || scheme == "https" || scheme == "ws" || scheme == "wss" ||
                     scheme == "tcp";
    reading_.pool = Pool::address;
    reading_.vague_pool = vague || web;
    reading_.web = web;
    captures_["host"] = host;
    captures_["port"] = port;
    if (!scheme.empty()) captures_["scheme"] = lower(scheme);
  }

  void user(std::string_view value, bool wallet_option) {
    reading_.wallet_option = reading_.wallet_option || wallet_option;
    if (captures_.find("user") == captures_.end()) captures_["user"] = std::string(value);
    std::string_view account = value;
    std::string_view coin;
    // unMineable and others: "TRX:address.worker#code".
    if (const std::size_t colon = account.find(':');
        colon != std::string_view::npos && colon >= 2 && colon <= 7 &&
        std::all_of(account.begin(), account.begin() + static_cast<std::ptrdiff_t>(colon),
                    [](unsigned char c) { return std::isupper(c) != 0 || std::isdigit(c) != 0; })) {
      coin = account.substr(0, colon);
      account.remove_prefix(colon + 1);
    }
    // Worker and difficulty follow the wallet; some wallets hold a colon themselves.
    account = account.substr(0, account.find_first_of(".+/~#@"));
    auto wallet = identify(account);
    if (!wallet) {
      account = account.substr(0, account.find(':'));
      wallet = identify(account);
    }
    if (wallet && wallet->group != CoinGroup::named) {
      set_user(User::wallet);
      xmr_ = xmr_ || wallet->group == CoinGroup::monero || wallet->group == CoinGroup::cryptonote;
      captures_["wallet"] = std::string(account);
      captures_["coin"] = std::string(wallet->coin);
    } else if (is_variable(value)) {
      set_user(names_any(value, {"wallet", "user", "addr", "worker", "account", "miner", "key",
                                 "login", "payout"})
                   ? User::variable
                   : User::word);
    } else {
      const bool shaped = is_wallet_shaped(account) || (!coin.empty() && account.size() >= 25);
      set_user(shaped ? User::shaped : User::word);
      if (!coin.empty()) captures_["coin"] = std::string(coin);
    }
  }

  // "[1]stratum+tcp://…": the first of several.
  static std::string_view without_number(std::string_view value) {
    if (value.size() > 3 && value.front() == '[' && value[2] == ']') value.remove_prefix(3);
    return value;
  }

  static bool is_wallet_shaped(std::string_view text) {
    if (text.starts_with("0x")) {
      return text.size() == 42 && std::all_of(text.begin() + 2, text.end(), [](unsigned char c) {
               return std::isxdigit(c) != 0;
             });
    }
    if (text.size() < 26 || text.size() > 120) return false;
    // Letters and digits, with at least one of each: words and numbers are no wallets.
    bool digit = false, letter = false;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) == 0) return false;
      digit = digit || std::isdigit(byte) != 0;
      letter = letter || std::isalpha(byte) != 0;
    }
    return digit && letter;
  }

  void set_user(User user) { reading_.user = std::max(reading_.user, user); }

  void algorithm(std::string_view value) {
    value = without_number(value);
    std::string all = lower(value);
    bool any = false;
    std::string_view rest = all;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(";!+"), rest.size());
      const std::string_view name = rest.substr(0, end);
      rest.remove_prefix(std::min(rest.size(), end + 1));
      const bool known = kAlgorithms.contains(name) || kAlgorithmStems.begins(name);
      if (known) reading_.algorithm = true;
      if (kVagueAlgorithms.contains(name)) reading_.vague_algorithm = true;
      if (known || kVagueAlgorithms.contains(name)) {
        captures_["algorithm"] = std::string(name);
        any = true;
      }
    }
    reading_.other_algorithm = reading_.other_algorithm || (!any && !is_variable(value));
  }

  Captures& captures_;
  std::vector<std::string_view> words_;
  Reading reading_;
  std::set<std::string_view> seen_;
  std::string bare_host_;  // a pool without port
  bool bare_is_vague_ = true;
  std::string port_;  // told by an option of its own
  bool program_ = false, other_ = false, xmr_ = false;
};

// What was read is captured only where it holds.
bool check(std::string_view text, Captures& captures, bool (Reader::*holds)()) {
  Captures found;
  if (!(Reader(text, found).*holds)()) return false;
  for (auto& [name, value] : found) captures[name] = std::move(value);
  return true;
}

}  // namespace

std::vector<std::string> known_options() {
  std::vector<std::string> options;
  const auto add = [&](const auto& table, const char* front = "") {
    for (std::size_t i = 0; i < table.size(); ++i) options.push_back(front + table.word(i));
  };
  add(kPoolOptions);
  add(kUserOptions);
  add(kPasswordOptions);
  add(kAlgorithmOptions);
  add(kPortOptions);
  add(kMinerOptions, "-");
  add(kHintOptions);
  std::sort(options.begin(), options.end());
  options.erase(std::unique(options.begin(), options.end()), options.end());
  return options;
}

bool check_pool_command(std::string_view text, Captures& captures) {
  return check(text, captures, &Reader::connects);
}

bool check_miner_command(std::string_view text, Captures& captures) {
  return check(text, captures, &Reader::mines);
}

bool check_started_command(std::string_view text, Captures& captures) {
  return check(text, captures, &Reader::starts);
}

}  // namespace minescan::match
