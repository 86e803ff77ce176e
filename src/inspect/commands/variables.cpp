#include "inspect/commands/variables.h"

#include <algorithm>

#include "inspect/commands/text.h"

namespace minescan::inspect {
namespace {

using namespace commands;

constexpr std::size_t kLongestExpansion = std::size_t{16} << 10;
constexpr std::size_t kLongestValue = 400;
constexpr std::size_t kMostVariables = 2000;
constexpr int kDeepestExpansion = 4;
// Longer lines are minified code or data; assignments are not looked for in them.
constexpr std::size_t kLongestAssignmentLine = 1000;

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

}  // namespace minescan::inspect
