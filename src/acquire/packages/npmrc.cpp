#include "acquire/packages/npmrc.h"

#include <optional>

#include "base/ascii.h"
#include "base/json.h"

namespace minescan::acquire {
namespace {

constexpr std::string_view kSpace = " \t\v\f";

// Up to the first ';' or '#' that no backslash protects.
std::string without_comment(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ';' || c == '#') break;
    if (c != '\\') {
      out += c;
      continue;
    }
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == '\\' || next == ';' || next == '#') {
      out += next;
      ++i;
    } else {
      out += c;
    }
  }
  return std::string(trimmed(out, kSpace));
}

std::string plain(std::string_view text) {
  text = trimmed(text, kSpace);
  const bool quoted = text.size() > 1 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '\'');
  if (!quoted) return without_comment(text);
  if (text.front() == '\'') text = text.substr(1, text.size() - 2);
  const auto json = parse_json(as_bytes(text));
  return json && json->is_string() ? json->get<std::string>() : std::string(text);
}

struct Variable {
  std::size_t begin = 0;  // of the backslashes in front
  std::size_t escapes = 0;
  std::string_view name;
  bool may_be_absent = false;
  std::size_t end = 0;
};

// The first ${NAME} or ${NAME?} from `from` on.
std::optional<Variable> next_variable(std::string_view text, std::size_t from) {
  for (auto dollar = text.find("${", from); dollar != std::string_view::npos;
       dollar = text.find("${", dollar + 2)) {
    const auto end = text.find_first_of("${}?", dollar + 2);
    if (end == std::string_view::npos || end == dollar + 2) continue;
    Variable found{.name = text.substr(dollar + 2, end - dollar - 2)};
    found.may_be_absent = text[end] == '?';
    const std::size_t close = found.may_be_absent ? end + 1 : end;
    if (close >= text.size() || text[close] != '}') continue;
    found.begin = dollar;
    while (found.begin > from && text[found.begin - 1] == '\\') --found.begin;
    found.escapes = dollar - found.begin;
    found.end = close + 1;
    return found;
  }
  return std::nullopt;
}

}  // namespace

std::map<std::string, std::string> parse_npmrc(std::string_view text) {
  std::map<std::string, std::string> found;
  bool in_section = false;
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    const std::string_view bare = trimmed(line, kSpace);
    if (bare.empty() || bare.front() == ';' || bare.front() == '#') continue;
    if (line.front() == '[' && bare.back() == ']') {
      in_section = true;
      continue;
    }
    const auto equals = line.find('=');
    std::string key = plain(line.substr(0, equals));
    if (in_section || key.empty() || key.ends_with("[]")) continue;
    found[std::move(key)] =
        equals == std::string_view::npos ? "true" : plain(line.substr(equals + 1));
  }
  return found;
}

bool has_variables(std::string_view text) { return next_variable(text, 0).has_value(); }

std::string expand_variables(std::string_view text, const Environment& environment) {
  std::string out;
  std::size_t at = 0;
  while (const auto variable = next_variable(text, at)) {
    out += text.substr(at, variable->begin - at);
    out.append(variable->escapes / 2, '\\');
    const auto value = environment.variables.find(std::string(variable->name));
    const std::size_t dollar = variable->begin + variable->escapes;
    const bool known = value != environment.variables.end();
    if (variable->escapes % 2 != 0 || (!known && !variable->may_be_absent)) {
      out += text.substr(dollar, variable->end - dollar);
    } else if (known) {
      out += value->second;
    }
    at = variable->end;
  }
  out += text.substr(at);
  return out;
}

}  // namespace minescan::acquire
