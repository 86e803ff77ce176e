#pragma once
// String literals in scripts, as far as all languages agree on them.

#include <optional>
#include <string>
#include <string_view>

#include "inspect/decoders/triggers.h"

namespace minescan::inspect::decoders {

constexpr bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Longer literals are not looked for.
inline constexpr std::size_t kLongestLiteral = std::size_t{32} << 20;

std::size_t skip_blanks(std::string_view text, std::size_t at);

// What lies between the quotes of the literal that opens at text[at]; nothing when it does not
// close in its line (or, between backticks, at all).
std::optional<Span> literal_at(std::string_view text, std::size_t at);

// The same for the literal that closes at text[at], not looking before `from`.
std::optional<Span> literal_before(std::string_view text, std::size_t at, std::size_t from);

// The literal around text[at], else what lies between blanks and brackets around it; at most
// `reach` bytes to either side.
Span word_around(std::string_view text, std::size_t at, std::size_t from, std::size_t reach);

inline std::string_view part(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

}  // namespace minescan::inspect::decoders
