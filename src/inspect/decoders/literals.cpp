#include "inspect/decoders/literals.h"

#include <algorithm>

namespace minescan::inspect::decoders {
namespace {

bool escaped(std::string_view text, std::size_t at, std::size_t from) {
  std::size_t backslashes = 0;
  while (at > from + backslashes && text[at - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

}  // namespace

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

std::optional<Span> literal_at(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::size_t limit = std::min(text.size(), at + 1 + kLongestLiteral);
  for (std::size_t end = at + 1; end < limit; ++end) {
    const char c = text[end];
    if (c == quote) return Span{at + 1, end};
    if (c == '\\') ++end;
    if (c == '\n' && quote != '`') return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Span> literal_before(std::string_view text, std::size_t at, std::size_t from) {
  const char quote = text[at];
  for (std::size_t begin = at; begin > from;) {
    --begin;
    const char c = text[begin];
    if (c == '\n' && quote != '`') return std::nullopt;
    if (c == quote && !escaped(text, begin, from)) return Span{begin + 1, at};
  }
  return std::nullopt;
}

Span word_around(std::string_view text, std::size_t at, std::size_t from, std::size_t reach) {
  const auto inside = [](char c) {
    return static_cast<unsigned char>(c) > ' ' && !is_quote(c) && c != '<' && c != '>';
  };
  const std::size_t first = std::max(from, at > reach ? at - reach : 0);
  const std::size_t last = std::min(text.size(), at + reach);
  Span span{at, at};
  while (span.begin > first && inside(text[span.begin - 1])) --span.begin;
  while (span.end < last && inside(text[span.end])) ++span.end;
  // Blanks belong to it when quotes stand around them in the same line.
  Span line = span;
  const auto in_line = [](char c) { return c != '\n' && !is_quote(c); };
  while (line.begin > first && in_line(text[line.begin - 1])) --line.begin;
  while (line.end < last && in_line(text[line.end])) ++line.end;
  const bool quoted = line.begin > first && line.end < last && is_quote(text[line.begin - 1]) &&
                      text[line.begin - 1] == text[line.end];
  return quoted ? line : span;
}

}  // namespace minescan::inspect::decoders
