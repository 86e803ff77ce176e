// quoted-printable (RFC 2045) of what needs no quoting: =63=75=72=6C.

#include <algorithm>

#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::decoders {
namespace {

// Fewer letters and digits that were quoted are parameters of addresses.
constexpr std::size_t kFewest = 8;
constexpr std::size_t kFarthestQuote = 4096;

constexpr bool is_needless(int code) {
  return is_digit(static_cast<char>(code)) || ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') ||
         code == '/' || code == ':' || code == '.' || code == '-';
}

}  // namespace

std::size_t decode_quoted(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (text[mark] != '=') return mark;
  const std::size_t back = std::max(place.from, mark - std::min(mark, kFarthestQuote));
  std::size_t begin = mark;
  while (begin > back && !is_quote(text[begin - 1]) && text[begin - 1] != '\n') --begin;
  std::string bytes(text.substr(begin, mark - begin));
  std::size_t count = 0, at = mark;
  while (at < text.size() && !is_quote(text[at]) && bytes.size() < kLongestPart) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("=\n") || rest.starts_with("=\r\n")) {
      at += rest[1] == '\n' ? std::size_t{2} : std::size_t{3};
      continue;
    }
    if (rest[0] == '\n') break;
    const int high = rest[0] == '=' && rest.size() > 2 ? hex_value(rest[1]) : -1;
    const int low = high >= 0 ? hex_value(rest[2]) : -1;
    if (low < 0) {
      bytes += rest[0];
      ++at;
      continue;
    }
    if (is_needless(high * 16 + low)) ++count;
    bytes += static_cast<char>(high * 16 + low);
    at += 3;
  }
  if (count >= kFewest && is_text(bytes)) {
    found.push_back(
        {.name = "quoted-printable", .begin = begin, .end = at, .bytes = std::move(bytes)});
  }
  return at;
}

}  // namespace minescan::inspect::decoders
