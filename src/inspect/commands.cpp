#include "inspect/commands.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace minescan::inspect {
namespace {

using std::string_view_literals::operator""sv;

// Texts are looked at in pieces of this size: variables are set near where they are used.
constexpr std::size_t kPiece = std::size_t{1} << 20;
// A list of arguments that goes on over more lines or bytes is looked at in parts.
constexpr std::size_t kMostJoinedLines = 64;
constexpr std::size_t kMostJoinedBytes = std::size_t{8} << 10;
constexpr std::size_t kLongestExpansion = std::size_t{16} << 10;
// A piece's lines with their variables put in; honest scripts grow by a fraction.
constexpr std::size_t kMostExpanded = 8 * kPiece;
constexpr std::size_t kLongestValue = 400;
constexpr std::size_t kMostVariables = 2000;
constexpr int kDeepestExpansion = 4;
// Longer lines are minified code or data; assignments are not looked for in them.
constexpr std::size_t kLongestAssignmentLine = 1000;

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

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_option(std::string_view word) {
  return std::binary_search(kOptions.begin(), kOptions.end(), word);
}

bool is_common(std::string_view word) {
  return std::find(kCommon.begin(), kCommon.end(), word) != kCommon.end();
}

// The option that begins at text[at], a '-', or "" when none does.
std::string_view option_at(std::string_view text, std::size_t at) {
  if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '-')) return {};
  std::size_t end = at + 1;
  while (end < text.size() && (is_word(text[end]) || text[end] == '-')) ++end;
  const std::string_view word = text.substr(at, end - at);
  return is_option(word) ? word : std::string_view();
}

// Where the first option stands; npos when there is none.
std::size_t find_option(std::string_view text, std::size_t from = 0) {
  for (std::size_t at = text.find('-', from); at != std::string_view::npos;
       at = text.find('-', at + 1)) {
    if (!option_at(text, at).empty()) return at;
  }
  return std::string_view::npos;
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

// Whether a command is worth the matcher's look: compilers and archivers have options of these
// names too, by the thousand.
bool is_telling(std::string_view text) {
  std::string_view first, rare;
  bool two = false, two_rare = false;
  for (std::size_t at = find_option(text); at != std::string_view::npos && !two_rare;
       at = find_option(text, at + 1)) {
    const std::string_view option = option_at(text, at);
    two = two || (!first.empty() && option != first);
    if (first.empty()) first = option;
    if (is_common(option)) continue;
    two_rare = !rare.empty() && option != rare;
    if (rare.empty()) rare = option;
  }
  if (rare.empty()) return false;
  return two_rare || (two && has_address(text)) || text.find("stratum") != std::string_view::npos;
}

// Only what no shell or cron would run: "//tmp/x" is a program and "* * * * *" a time.
bool is_comment(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with("#")) return !line.starts_with("#!");
  if (line.starts_with("//")) return line.size() == 2 || is_blank(line[2]);
  if (line.starts_with("* ")) return line.size() == 2 || (line[2] != '*' && !is_digit(line[2]));
  return line.starts_with("/* ") || line.starts_with("/**") || line.starts_with("REM ") ||
         line.starts_with("rem ") || line.starts_with("::") || line.starts_with("<!--");
}

// --- which lines belong together

std::size_t indent_of(std::string_view line) {
  const std::size_t at = line.find_first_not_of(" \t");
  return at == std::string_view::npos ? line.size() : at;
}

// A line's end that says: the command goes on.  Takes the mark away.
bool goes_on(std::string_view& line) {
  const std::string_view text = trimmed(line);
  if (text.empty()) return false;
  const char last = text.back();
  if (last == '\\' || last == '`' || last == '^') {
    line = line.substr(0, static_cast<std::size_t>(&text.back() - line.data()));
    return true;
  }
  return last == ',' || last == '[' || last == '(' || last == '{' || last == '+';
}

bool is_list_item(std::string_view line) {
  line = trimmed(line);
  return line.starts_with("- ") || line.starts_with("-\t");
}

// "args:", "extraArgs:", "- command:": the items below are words of one command.  The items of
// "script:" are commands of their own, those of a rule's "CommandLine|contains:" are none.
bool names_arguments(std::string_view line) {
  line = trimmed(line);
  if (is_list_item(line)) line = trimmed(line.substr(2));
  if (!line.ends_with(":")) return false;
  std::string key;
  for (const char c : line.substr(0, line.size() - 1)) {
    if (is_word(c)) {
      key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (c != '"' && c != '\'') {
      key.clear();
    }
  }
  static constexpr auto kKeys =
      std::to_array<std::string_view>({"args", "arguments", "cmd", "command", "entrypoint", "exec",
                                       "flags", "options", "opts", "parameters", "params"});
  return std::any_of(kKeys.begin(), kKeys.end(),
                     [&](std::string_view known) { return key.ends_with(known); });
}

bool opens_folded_text(std::string_view line) {
  line = trimmed(line);
  return line.ends_with(": >") || line.ends_with(": >-") || line.ends_with(":>") ||
         line.ends_with(": >+");
}

// in_arguments: the group began with a key whose items are words of one command.
bool follows(std::string_view line, std::string_view next, bool in_arguments) {
  const std::string_view text = trimmed(next);
  if (text.starts_with(".arg") || text.starts_with("+ ")) return true;
  if (!in_arguments || !is_list_item(next)) return false;
  return names_arguments(line) || (is_list_item(line) && indent_of(line) == indent_of(next));
}

// --- words

// Separates words and drops what belongs to the language around them.
class Words {
 public:
  explicit Words(const Variables& variables) : variables_(variables) {}

  // Words of several commands: each ends where a shell would end it.
  std::vector<std::vector<std::string>> of(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      rest_ = text.substr(i);
      if (c == '\\' && i + 1 < text.size()) {
        const char next = text[i + 1];
        if (next == 'n' || next == 'r' || next == 't' || next == '"' || next == '\'') {
          end_word();
          if (next == 'n') end_command();
          ++i;
          continue;
        }
        // Windows paths keep theirs; within an option it only hides the option.
        if (word_.starts_with("--")) continue;
      }
      if (c == '"' || c == '\'' || c == '`') {
        quote(c, i > 0 ? text[i - 1] : ' ');
      } else if (c == '&' && joins_texts(text, i)) {
        end_word();
        glue_ = !spaced_ && !words_.empty();
      } else if (is_blank(c) || c == '\n') {
        end_word();
        if (quote_ != 0) {
          spaced_ = true;
          glue_ = false;
        }
      } else if (std::string_view(",[](){}<>").find(c) != std::string_view::npos) {
        // "--par=144,5" is one word, a list's comma has a quote or blank beside it.
        const bool number = c == ',' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) &&
                            is_digit(text[i + 1]) &&
                            word_.find_first_not_of("0123456789") != std::string::npos;
        if (number) {
          word_ += c;
          continue;
        }
        end_word();
        if (c == ',') glue_ = false;
      } else if (c == ';' || c == '|' || c == '&') {
        // Several algorithms or pools are one argument: a;b.
        const bool inside = c == ';' && !word_.empty() && i + 1 < text.size() &&
                            (is_word(text[i + 1]) || text[i + 1] == '-');
        if (inside) {
          word_ += c;
        } else {
          end_command();
        }
      } else {
        word_ += c;
      }
    }
    rest_ = {};
    end_command();
    return std::move(commands_);
  }

 private:
  void quote(char c, char before) {
    const bool opens = quote_ == 0;
    const bool pending = !word_.empty();
    const std::size_t count = words_.size();
    end_word();
    if (opens) {
      // a"b" is one word to a shell, and so is "a""b".
      const bool added = pending && words_.size() > count;
      if ((added && is_word(before)) || is_quote(before)) glue_to_last();
      quote_ = c;
      spaced_ = false;
    } else if (quote_ == c) {
      quote_ = 0;
      const char next = rest_.size() > 1 ? rest_[1] : ' ';
      if (is_word(next) || next == '.' || next == '$') glue_to_last();
    }
  }

  void glue_to_last() {
    if (!words_.empty() && find_option(words_.back()) != 0) glue_ = true;
  }

  static bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

  // Visual Basic's "a" & b; a shell's & stands behind a command.
  static bool joins_texts(std::string_view text, std::size_t at) {
    const std::size_t left = text.find_last_not_of(" \t", at == 0 ? 0 : at - 1);
    const std::size_t right = text.find_first_not_of(" \t", at + 1);
    if (left == std::string_view::npos || right == std::string_view::npos) return false;
    return text[right] != '&' && text[left] != '&' &&
           ((text[left] == '"' && (text[right] == '"' || is_word(text[right]))) ||
            (text[right] == '"' && is_word(text[left])));
  }

  void end_word() {
    if (word_.empty()) return;
    std::string word;
    word.swap(word_);
    if (word == "+" || word == ".." || word == ".") {
      // "a:" + PORT is one word, "-o " + POOL are two.
      glue_ = !spaced_ && !words_.empty();
      return;
    }
    // "$host":'3333', where a key of JSON has no number behind it.
    if (word == ":" && rest_.size() > 1 && is_quote(rest_[0]) && is_digit(rest_[1]) &&
        !words_.empty()) {
      words_.back() += ':';
      glue_ = true;
      return;
    }
    if (word == ".arg" || word == ".args" || word == "arg" || word == "-" || word == "\\" ||
        word == "=") {
      return;
    }
    // Python's f"", r"", b"".
    if (quote_ == 0 && word.size() == 1 && (rest_.starts_with('"') || rest_.starts_with('\'')))
      return;
    if (const std::string* value = is_key() ? nullptr : variables_.value(word)) {
      // A value may be several words.
      const std::string expanded = variables_.expand(*value);
      std::string_view rest = expanded;
      while (!(rest = trimmed(rest)).empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        add(std::string(rest.substr(0, end)));
        rest.remove_prefix(end);
      }
      return;
    }
    add(std::move(word));
  }

  // Whether what ends here is being set, not used.
  [[nodiscard]] bool is_key() const {
    const std::size_t next = rest_.find_first_not_of(" \t\"'");
    return next != std::string_view::npos && (rest_[next] == ':' || rest_[next] == '=');
  }

  void add(std::string word) {
    if (glue_) {
      words_.back() += word;
      glue_ = false;
    } else {
      words_.push_back(std::move(word));
    }
    spaced_ = false;
  }

  void end_command() {
    end_word();
    glue_ = false;
    if (!words_.empty()) commands_.push_back(std::move(words_));
    words_.clear();
  }

  const Variables& variables_;
  std::string_view rest_;  // of the text, from where a word may end
  std::string word_;
  std::vector<std::string> words_;
  std::vector<std::vector<std::string>> commands_;
  char quote_ = 0;
  bool spaced_ = false;  // a blank stood in the quotes after the last word
  bool glue_ = false;    // the next word belongs to the last
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// Of a command that is too long: its name, and the options that few programs have, with their
// values.  cut: set when not even these fit.
std::string shortened(const std::vector<std::string>& words, bool& cut) {
  const auto is_rare = [](const std::string& word) {
    return find_option(word) == 0 && !is_common(option_at(word, 0));
  };
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i >= 4 && !is_rare(words[i]) && !is_rare(words[i - 1])) continue;
    if (text.size() + 1 + words[i].size() > kLongestCommand) {
      cut = true;
      continue;
    }
    if (!text.empty()) text += ' ';
    text += words[i];
  }
  return text;
}

// --- names and values

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::size_t name_length(std::string_view text) {
  if (text.empty() || !is_name_start(text.front())) return 0;
  std::size_t end = 1;
  while (end < text.size() && is_word(text[end])) ++end;
  return end;
}

// A value up to its closing quote, with the quoted texts that are added to it, or up to the next
// blank.
std::string value_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return {};
  if (text.front() != '"' && text.front() != '\'') {
    return std::string(text.substr(0, text.find_first_of(" \t;,)")));
  }
  std::string value;
  while (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    const std::size_t end = std::min(text.find(text.front(), 1), text.size());
    value += text.substr(1, end - 1);
    text = trimmed(text.substr(std::min(text.size(), end + 1)));
    if (text.empty() || std::string_view("+&.").find(text.front()) == std::string_view::npos) break;
    text = trimmed(text.substr(1));
  }
  return value;
}

}  // namespace

void Variables::set(std::string_view name, std::string_view value) {
  if (name.empty() || value.empty() || value.size() > kLongestValue) return;
  // Words of languages are no names of anybody's.
  if (value == name) return;
  // H=$H.example adds to what H was.
  std::string grown;
  if (value.find(name) != std::string_view::npos && value.find('$') != std::string_view::npos) {
    grown = expand(value);
    if (grown.size() > kLongestValue) return;
    value = grown;
  }
  if (values_.size() >= kMostVariables && values_.find(name) == values_.end()) return;
  values_.insert_or_assign(std::string(name), std::string(value));
}

const std::string* Variables::value(std::string_view name) const {
  if (name_length(name) != name.size() || name.empty()) return nullptr;
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

void Variables::learn(std::string_view line) {
  line = trimmed(line);
  if (line.size() > kLongestAssignmentLine || line.empty() || is_comment(line)) return;
  // A notebook's lines are strings of JSON.
  std::string plain;
  if (line.front() == '"' && line.find("\\\"") != std::string_view::npos) {
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (line[i] != '\\') plain += line[i];
    }
    line = plain;
  }
  if (line.starts_with("- ")) line = trimmed(line.substr(2));
  if (line.starts_with("ENV ") || line.starts_with("ARG ")) {
    const std::string_view rest = trimmed(line.substr(4));
    const std::size_t name = name_length(rest);
    if (name > 0 && name < rest.size() && is_blank(rest[name])) {
      set(rest.substr(0, name), trimmed(rest.substr(name)));
      return;
    }
  }
  for (std::size_t at = line.find_first_of("=:"); at != std::string_view::npos && at > 0;
       at = line.find_first_of("=:", at + 1)) {
    std::size_t after = at + 1;
    if (line[at] == ':' && after < line.size() && line[after] == '=') ++after;  // := of make and Go
    if (after < line.size() && (line[after] == '=' || line[after] == '/')) {
      at = after;
      continue;
    }
    std::string_view before = trimmed(line.substr(0, at));
    if (!before.empty() && (before.back() == '"' || before.back() == '\'')) before.remove_suffix(1);
    std::size_t start = before.size();
    while (start > 0 && is_word(before[start - 1])) --start;
    const std::string_view name = before.substr(start);
    if (name_length(name) != name.size() || name.empty()) continue;
    // Keys of YAML and JSON begin the line or follow a quote or brace; values hold colons
    // themselves.
    if (line[at] == ':' && after == at + 1) {
      const std::string_view lead = trimmed(before.substr(0, start));
      const bool key =
          lead.empty() || (std::string_view("\"'{,").find(lead.back()) != std::string_view::npos &&
                           !lead.ends_with("${"));
      if (!key) continue;
    }
    const std::string value = value_of(line.substr(after));
    if (name == "name" || name == "Name") {
      pending_name_ = value;
    } else if ((name == "value" || name == "Value") && !pending_name_.empty()) {
      set(pending_name_, value);
      pending_name_.clear();
    } else {
      set(name, value);
    }
  }
}

void Variables::expand_into(std::string_view text, std::string& out, std::size_t most,
                            int depth) const {
  const auto put = [&](std::string_view name, std::string_view otherwise,
                       std::string_view as_written) {
    const std::string* known = value(name);
    if (known == nullptr && otherwise.empty()) {
      out += as_written;
    } else if (depth >= kDeepestExpansion) {
      out += known != nullptr ? std::string_view(*known) : otherwise;
    } else {
      expand_into(known != nullptr ? std::string_view(*known) : otherwise, out, most, depth + 1);
    }
  };
  for (std::size_t i = 0; i < text.size() && out.size() < most; ++i) {
    const char c = text[i];
    const std::string_view rest = text.substr(i + 1);
    if (c == '$' && !rest.empty() && (rest.front() == '{' || rest.front() == '(')) {
      const char closing = rest.front() == '{' ? '}' : ')';
      const std::size_t end = rest.find(closing);
      const std::string_view inside =
          end == std::string_view::npos ? std::string_view() : rest.substr(1, end - 1);
      const std::size_t name = name_length(inside);
      if (name > 0 && (name == inside.size() || inside[name] == ':' || inside[name] == '-')) {
        std::string_view otherwise = inside.substr(name);
        if (otherwise.starts_with(":")) otherwise.remove_prefix(1);
        if (otherwise.starts_with("-") || otherwise.starts_with("=")) {
          otherwise.remove_prefix(1);
        } else {
          otherwise = {};
        }
        put(inside.substr(0, name), otherwise, text.substr(i, end + 2));
        i += end + 1;
        continue;
      }
    } else if (c == '$') {
      const std::size_t skip = rest.starts_with("env:") ? 4 : 0;
      const std::size_t name = name_length(rest.substr(skip));
      if (name > 0) {
        put(rest.substr(skip, name), {}, text.substr(i, 1 + skip + name));
        i += skip + name;
        continue;
      }
    } else if (c == '%' && rest.starts_with("(")) {
      // Python's and supervisor's %(NAME)s; supervisor writes ENV_ before names of the environment.
      const std::size_t end = rest.find(")s");
      if (end != std::string_view::npos && name_length(rest.substr(1, end - 1)) == end - 1) {
        std::string_view name = rest.substr(1, end - 1);
        if (name.starts_with("ENV_") && value(name) == nullptr) name.remove_prefix(4);
        put(name, {}, text.substr(i, end + 3));
        i += end + 2;
        continue;
      }
    } else if (c == '%' || c == '!') {
      const std::size_t name = name_length(rest);
      if (name > 0 && name < rest.size() && rest[name] == c) {
        put(rest.substr(0, name), {}, text.substr(i, name + 2));
        i += name + 1;
        continue;
      }
    }
    out += c;
  }
}

std::string Variables::expand(std::string_view text) const {
  std::string out;
  expand_into(text, out, text.size() + kLongestExpansion, 0);
  return out;
}

namespace {

// What shells decode with.
bool names_decoder(std::string_view text) {
  static constexpr auto kDecoders = std::to_array<std::string_view>(
      {"base64 -", "base32 -", "xxd -r", "openssl enc", "openssl base64", "gunzip", "zcat"});
  return std::any_of(kDecoders.begin(), kDecoders.end(), [&](std::string_view name) {
    return text.find(name) != std::string_view::npos;
  });
}

// echo 'Example: …' says something; with a pipe or into a file it makes something.
bool only_prints(std::string_view text) {
  text = trimmed(text);
  static constexpr auto kPrinting = std::to_array<std::string_view>(
      {"echo ", "printf ", "print(", "print ", "puts ", "console.log(", "console.error(",
       "logging.", "logger.", "log.", "Write-Host ", "Write-Output ", "System.out.print",
       "fmt.Print", "println!(", "sys.stdout.write("});
  const bool prints = std::any_of(kPrinting.begin(), kPrinting.end(),
                                  [&](std::string_view word) { return text.starts_with(word); });
  return prints && text.find_first_of("|>`;&") == std::string_view::npos &&
         text.find("$(") == std::string_view::npos;
}

struct Line {
  std::string_view text;
  std::uint32_t number = 0;
};

// Lines that are one command, or one list of arguments.
class Group {
 public:
  Group(const Variables& variables, std::vector<CommandLine>& commands, bool& cut)
      : variables_(variables), commands_(commands), cut_(cut) {}

  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] bool full() const {
    return lines_.size() >= kMostJoinedLines || bytes_ >= kMostJoinedBytes;
  }
  void add(const Line& line) {
    lines_.push_back(line);
    bytes_ += line.text.size() + 1;
  }

  void finish() {
    if (has_options() || decodes()) {
      if (commands_.size() >= kMostCommands || spent_ > kMostExpanded) {
        cut_ = true;
      } else {
        tell();
      }
    }
    lines_.clear();
    bytes_ = 0;
  }

 private:
  // Cheap, on the text as it stands; variables may bring more, but a command without a single
  // option in its own text is none.
  [[nodiscard]] bool has_options() const {
    return std::any_of(lines_.begin(), lines_.end(), [](const Line& line) {
      return find_option(line.text) != std::string_view::npos;
    });
  }

  [[nodiscard]] bool decodes() const {
    return std::any_of(lines_.begin(), lines_.end(), [](const Line& line) {
      return line.text.find('$') != std::string_view::npos && names_decoder(line.text);
    });
  }

  void tell() {
    std::string text;
    std::uint32_t number = lines_.front().number;
    bool found = false;
    for (const Line& line : lines_) {
      if (!text.empty()) text += ' ';
      if (!found && find_option(line.text) != std::string_view::npos) {
        number = line.number;
        found = true;
      }
      std::string_view part = line.text;
      if (is_list_item(part)) part = trimmed(part).substr(2);
      text += part;
    }
    if (only_prints(text)) return;
    const std::string expanded = variables_.expand(text);
    spent_ += expanded.size();
    if (expanded != text && names_decoder(text)) {
      commands_.push_back({.line = number, .text = expanded, .resolved = true});
    }
    for (const auto& words : Words(variables_).of(expanded)) {
      std::string command = joined(words);
      if (!is_telling(command)) continue;
      if (commands_.size() >= kMostCommands) {
        cut_ = true;
        return;
      }
      if (command.size() > kLongestCommand) command = shortened(words, cut_);
      commands_.push_back({.line = number, .text = std::move(command)});
    }
  }

  const Variables& variables_;
  std::vector<CommandLine>& commands_;
  bool& cut_;
  std::vector<Line> lines_;
  std::size_t bytes_ = 0;
  std::size_t spent_ = 0;  // bytes expanded
};

}  // namespace

std::vector<CommandLine> command_lines(std::string_view text, std::uint32_t first_line,
                                       Variables& variables, bool& cut) {
  std::vector<CommandLine> commands;
  if (find_option(text) == std::string_view::npos && !names_decoder(text)) return commands;
  std::vector<Line> lines;
  for (std::uint32_t number = first_line; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    // What is set later counts too: configurations name variables after their use.
    variables.learn(line);
    if (!is_comment(line)) lines.push_back({line, number});
  }
  Group group(variables, commands, cut);
  bool in_arguments = false;
  std::size_t folded = std::string_view::npos;  // indentation of the key of a folded text
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Line line = lines[i];
    const bool more = goes_on(line.text);
    if (group.empty() || names_arguments(line.text)) in_arguments = names_arguments(line.text);
    group.add(line);
    if (opens_folded_text(line.text)) folded = indent_of(line.text);
    const bool last = i + 1 == lines.size();
    bool inside = false;
    if (!last && folded != std::string_view::npos) {
      inside = indent_of(lines[i + 1].text) > folded;
      if (!inside) folded = std::string_view::npos;
    }
    if (last || group.full() ||
        !(more || inside || follows(line.text, lines[i + 1].text, in_arguments))) {
      group.finish();
    }
  }
  return commands;
}

Commands::Commands(const FileType& type)
    : wanted_((type.view == ViewKind::script || type.view == ViewKind::config ||
               type.view == ViewKind::argv) &&
              type.encoding == Encoding::bytes && type.name != "HTML with scripts") {}

void Commands::window(const Window& window, ViewSink& sink) {
  if (!wanted_) return;
  text_ += as_text(window.bytes.subspan(window.from, window.to - window.from));
  if (text_.size() < kPiece) return;
  const std::size_t end = text_.rfind('\n');
  flush(end == std::string::npos ? text_.size() : end + 1, sink);
}

void Commands::finish(ViewSink& sink) {
  if (wanted_) flush(text_.size(), sink);
}

void Commands::flush(std::size_t size, ViewSink& sink) {
  const std::string_view piece = std::string_view(text_).substr(0, size);
  bool cut = false;
  for (const CommandLine& command : command_lines(piece, line_, variables_, cut)) {
    const std::string name = (command.resolved ? "variables put in, line " : "command in line ") +
                             std::to_string(command.line);
    sink.on_view(command.resolved ? ViewKind::script : ViewKind::command, {Step::Kind::view, name},
                 {.bytes = as_bytes(command.text),
                  .from = 0,
                  .to = command.text.size(),
                  .line = command.line},
                 0);
  }
  if (cut && !told_limit_) {
    told_limit_ = true;
    sink.on_limit("more commands than are read one by one");
  }
  line_ += static_cast<std::uint32_t>(std::count(piece.begin(), piece.end(), '\n'));
  text_.erase(0, size);
}

}  // namespace minescan::inspect
