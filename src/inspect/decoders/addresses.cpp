// Addresses that were turned: //:pct+mutarts backwards, fgenghz+gpc:// by moving letters on.

#include <array>
#include <string>
#include <utility>

#include "inspect/decoders/base64.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kReach = 4096;

constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// How far the letters of `before` were moved on if it ends in a scheme that was; 0 when in none.
// Only with "+" before them are the short ones surely none of other names.
unsigned moved_by(std::string_view before) {
  if (before.ends_with("http") || before.ends_with("https")) return 0;
  constexpr std::array<std::string_view, 5> kSchemes = {"http", "https", "+tcp", "+ssl", "+tls"};
  for (const std::string_view scheme : kSchemes) {
    if (before.size() < scheme.size()) continue;
    const std::string_view end = before.substr(before.size() - scheme.size());
    const auto distance = [&](std::size_t i) {
      return static_cast<unsigned>(end[i] - scheme[i] + 26) % 26U;
    };
    const unsigned moved = distance(end.size() - 1);
    bool all = moved != 0;
    for (std::size_t i = 0; all && i < end.size(); ++i) {
      all = is_lower(scheme[i]) ? is_lower(end[i]) && distance(i) == moved : end[i] == scheme[i];
    }
    if (all) return moved;
  }
  return 0;
}

}  // namespace

std::string caesar(std::string_view text, unsigned by) {
  const auto letter = [by](char c, char first) {
    return static_cast<char>(first +
                             static_cast<int>((static_cast<unsigned>(c - first) + by) % 26U));
  };
  std::string out(text);
  for (char& c : out) {
    if (is_lower(c)) c = letter(c, 'a');
    if (c >= 'A' && c <= 'Z') c = letter(c, 'A');
  }
  return out;
}

std::size_t decode_addresses(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  const std::string_view rest = text.substr(mark);
  const bool backwards = rest.starts_with("//:ptth") || rest.starts_with("//:sptth") ||
                         rest.starts_with("//:pct") || rest.starts_with("//:lss") ||
                         rest.starts_with("//:slt");
  unsigned moved = 0;
  if (!backwards && rest.size() > 3 && rest.substr(1, 3) == "://") {
    moved = moved_by(text.substr(place.from, mark + 1 - place.from));
  }
  if (!backwards && moved == 0) return mark;
  const Span word = word_around(text, mark, place.from, kReach);
  const std::string_view hidden = part(text, word);
  std::string name = backwards     ? "reversed"
                     : moved == 13 ? "rot13"
                                   : "letters moved by " + std::to_string(moved);
  found.push_back({.name = std::move(name),
                   .begin = word.begin,
                   .end = word.end,
                   .bytes = backwards ? std::string(hidden.rbegin(), hidden.rend())
                                      : caesar(hidden, 26 - moved)});
  return word.end;
}

}  // namespace minescan::inspect::decoders
