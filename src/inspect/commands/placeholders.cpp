#include "inspect/commands/placeholders.h"

#include <algorithm>
#include <vector>

#include "inspect/commands/text.h"

namespace minescan::inspect::commands {
namespace {

constexpr std::size_t kMostValues = 16;
constexpr std::size_t kLongestValue = 400;  // bytes, as of a variable
// How far before a literal its printf stands.
constexpr std::size_t kPrintfReach = 24;

bool is_quote(char c) { return c == '"' || c == '\''; }

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

// The length of the placeholder at text[at], or 0: %s, {}, {0}, {:?}.  `number` is set where it
// names its value.
std::size_t placeholder_at(std::string_view text, std::size_t at, std::size_t& number) {
  if (at + 1 >= text.size()) return 0;
  const char next = text[at + 1];
  if (text[at] == '%')
    return std::string_view("sdvqiu").find(next) != std::string_view::npos ? 2 : 0;
  if (text[at] != '{') return 0;
  if (next == '}') return 2;
  if (is_digit(next) && at + 2 < text.size() && text[at + 2] == '}') {
    number = static_cast<std::size_t>(next - '0');
    return 3;
  }
  return text.substr(at).starts_with("{:?}") ? 4 : 0;
}

std::size_t closing_quote(std::string_view text, std::size_t open) {
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == text[open]) {
      return at;
    }
  }
  return std::string_view::npos;
}

// Where the values of the literal that ends before text[at] begin, npos when it has none; what
// stands between them is left in `between`.
std::size_t values_at(std::string_view text, std::size_t open, std::size_t at, char& between) {
  between = ',';
  const std::size_t next = skip_blanks(text, at);
  const std::string_view rest = text.substr(next);
  const std::size_t back = open - std::min(open, kPrintfReach);
  const std::string_view before = text.substr(back, open - back);
  if (rest.starts_with(",")) return next + 1;
  if (rest.starts_with(".format(")) return next + 8;
  if (rest.starts_with("-f ")) return next + 3;
  if (rest.starts_with("%")) {
    const std::size_t value = skip_blanks(text, next + 1);
    return value < text.size() && text[value] == '(' ? value + 1 : value;
  }
  if (before.find("printf ") != std::string_view::npos && next > at) {
    between = ' ';
    return next;
  }
  return std::string_view::npos;
}

// Reads values from text[at] on; leaves `at` behind them.
std::vector<std::string> values_of(std::string_view text, std::size_t& at, char between,
                                   const Variables& variables) {
  std::vector<std::string> values;
  while (values.size() < kMostValues) {
    std::size_t begin = skip_blanks(text, at);
    // A reference in Rust or Go, a variable in PHP.
    while (begin < text.size() && (text[begin] == '&' || text[begin] == '*')) ++begin;
    if (begin >= text.size()) break;
    std::size_t end = begin;
    std::string value;
    if (is_quote(text[begin])) {
      const std::size_t close = closing_quote(text, begin);
      if (close == std::string_view::npos || close - begin > kLongestValue) break;
      value = text.substr(begin + 1, close - begin - 1);
      end = close + 1;
    } else {
      const std::size_t limit = std::min(text.size(), begin + kLongestValue);
      while (end < limit &&
             std::string_view(" \t\r\n,;|&)]\"'").find(text[end]) == std::string_view::npos) {
        ++end;
      }
      if (end == begin) break;
      value = text.substr(begin, end - begin);
      if (const std::string* known = variables.member(value)) value = *known;
    }
    values.push_back(std::move(value));
    at = end;
    const std::size_t next = skip_blanks(text, end);
    if (between == ',') {
      if (next >= text.size() || text[next] != ',') break;
      at = next + 1;
    } else {
      if (next == end || next >= text.size()) break;
      at = next;
    }
  }
  return values;
}

}  // namespace

bool has_placeholder(std::string_view text) {
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (placeholder_at(text, at, number) != 0) return true;
  }
  return false;
}

std::string fill_placeholders(std::string_view text, const Variables& variables) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_quote(text[at])) continue;
    const std::size_t close = closing_quote(text, at);
    if (close == std::string_view::npos) break;
    const std::string_view literal = text.substr(at + 1, close - at - 1);
    char between = ',';
    std::size_t values_end =
        has_placeholder(literal) ? values_at(text, at, close + 1, between) : std::string_view::npos;
    if (values_end == std::string_view::npos) {
      at = close;
      continue;
    }
    const auto values = values_of(text, values_end, between, variables);
    if (values.empty()) {
      at = close;
      continue;
    }
    const std::string_view behind = text.substr(close + 1, values_end - close - 1);
    const bool call = trimmed(behind).starts_with(".format(") ||
                      (trimmed(behind).starts_with('%') && behind.find('(') < 4);
    if (call && values_end < text.size() && text[values_end] == ')') ++values_end;
    out += text.substr(done, at + 1 - done);
    std::size_t next = 0;
    for (std::size_t i = 0; i < literal.size(); ++i) {
      std::size_t number = next;
      const std::size_t length = placeholder_at(literal, i, number);
      if (length == 0 || number >= values.size()) {
        out += literal[i];
        continue;
      }
      if (number == next) ++next;
      out += values[number];
      i += length - 1;
    }
    out += text[close];
    done = std::max(close + 1, values_end);
    at = done - 1;
  }
  out += text.substr(done);
  return out;
}

}  // namespace minescan::inspect::commands
