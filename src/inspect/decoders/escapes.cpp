// Characters spelled as escapes: \x73\x74, \u0073, \u{73}, \163, \0163, \40; and percent-encoding.

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/worth.h"
#include "inspect/decoders/xor_key.h"

namespace minescan::inspect::decoders {
namespace {

// Fewer characters that had no need to be escaped are chance.
constexpr std::size_t kFewest = 4;
// So many bytes spelled as \x.. may be a program.
constexpr std::size_t kManyBytes = 16;
constexpr std::size_t kFewestKeyed = 32;  // bytes that a key is looked for in
constexpr std::size_t kFarthestQuote = 4096;
constexpr std::size_t kLongestToken = 8192;
// What lies so near to an escape is shown with it.
constexpr std::size_t kReach = 4096;

struct Escape {
  std::size_t length = 0;  // 0: none
  std::uint32_t code = 0;
  bool byte = false;
};

// Up to `most` hex digits at `at`; the number of digits is left in `length`.
std::uint32_t hex_number(std::string_view text, std::size_t at, std::size_t most,
                         std::size_t& length) {
  std::uint32_t code = 0;
  for (length = 0; length < most && at + length < text.size(); ++length) {
    const int value = hex_value(text[at + length]);
    if (value < 0) break;
    code = code * 16 + static_cast<std::uint32_t>(value);
  }
  return code;
}

// Octal digits at `at`, behind `lead` backslashes: \163, and \57 where no third digit follows. What
// echo and printf's %b read has a zero in front, which would be no character otherwise: \0163.
Escape octal_at(std::string_view text, std::size_t at, std::size_t lead) {
  std::array<std::uint32_t, 5> values{};  // of the first so many digits
  std::size_t count = 0;
  while (count < 4 && at + count < text.size() && text[at + count] >= '0' &&
         text[at + count] <= '7') {
    values[count + 1] = values[count] * 8 + static_cast<std::uint32_t>(text[at + count] - '0');
    ++count;
  }
  if (count == 4 && text[at] == '0' && is_printable(values[4]) && !is_printable(values[3])) {
    return {lead + 4, values[4], true};
  }
  if (count >= 3 && values[3] < 256) return {lead + 3, values[3], true};
  // Two digits may refer to what a pattern captured, but none captures so much.
  if (count >= 2 && values[2] >= ' ') return {lead + 2, values[2], true};
  return {};
}

Escape escape_at(std::string_view text, std::size_t at) {
  Escape escape;
  if (at + 1 >= text.size() || text[at] != '\\') return escape;
  // In a text within a text backslashes are doubled.
  std::size_t lead = 1;
  while (lead < 4 && at + lead < text.size() && text[at + lead] == '\\') ++lead;
  if (at + lead >= text.size()) return escape;
  const char kind = text[at + lead];
  const std::size_t digits = at + lead + 1;
  std::size_t length = 0;
  if (kind == 'x') {
    escape.code = hex_number(text, digits, 2, length);
    if (length == 2) escape = {lead + 3, escape.code, true};
  } else if (kind == 'u' && digits < text.size() && text[digits] == '{') {
    escape.code = hex_number(text, digits + 1, 6, length);
    if (length > 0 && digits + 1 + length < text.size() && text[digits + 1 + length] == '}') {
      escape = {lead + length + 3, escape.code, false};
    }
  } else if (kind == 'u' || kind == 'U') {
    const std::size_t wanted = kind == 'u' ? 4 : 8;
    escape.code = hex_number(text, digits, wanted, length);
    if (length == wanted) escape = {lead + 1 + wanted, escape.code, false};
  } else if (kind >= '0' && kind <= '7') {
    escape = octal_at(text, at + lead, lead);
  }
  return escape;
}

// Whether the escape at text[at] stands for what needs none and is part of words, not the end of a
// range in a pattern: [\x30-\x39].
bool is_needless(std::string_view text, std::size_t at) {
  const Escape escape = escape_at(text, at);
  if (escape.length == 0 || !is_printable(escape.code)) return false;
  const auto c = static_cast<char>(escape.code);
  const bool word = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    std::string_view("._:/-+@").find(c) != std::string_view::npos;
  if (!word) return false;
  if (text.substr(at + escape.length).starts_with("-\\")) return false;
  const std::size_t before = escape.length + 1;  // an escape of that kind and a dash
  return at < before || text[at - 1] != '-' || text[at - before] != '\\';
}

}  // namespace

std::size_t decode_escapes(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (text[mark] != '\\') return mark;
  const Escape first = escape_at(text, mark);
  if (first.length == 0 || (!first.byte && !is_printable(first.code))) return mark;
  // From the quote that opens the literal to the one that closes it.
  const std::size_t back = std::max(place.from, mark > kFarthestQuote ? mark - kFarthestQuote : 0);
  std::size_t begin = mark;
  while (begin > back && !is_quote(text[begin - 1]) && text[begin - 1] != '\n') --begin;
  const std::size_t limit = std::min(text.size(), begin + kLongestPart);
  std::string bytes(text.substr(begin, mark - begin));
  std::size_t at = mark, plain = 0, raw = 0;
  while (at < limit && !is_quote(text[at])) {
    if (text[at] == '\n' && (at == 0 || text[at - 1] != '\\')) break;
    const Escape escape = escape_at(text, at);
    if (escape.length == 0) {
      bytes += text[at++];
      if (text[at - 1] == '\\' && at < limit && text[at] != '\n') bytes += text[at++];
      continue;
    }
    if (is_printable(escape.code)) ++plain;
    if (escape.byte) {
      ++raw;
      bytes += static_cast<char>(escape.code);
    } else {
      append_utf8(bytes, escape.code);
    }
    at += escape.length;
  }
  const bool is_plain = plain >= kFewest;
  if (!is_plain && raw < kManyBytes) return at;
  const Worth worth = worth_of(std::string_view(bytes).substr(0, 512));
  const bool good = is_plain ? worth != Worth::nothing : worth == Worth::known;
  Decoded decoded{.name = "escapes",
                  .begin = begin,
                  .end = at,
                  .bytes = std::move(bytes),
                  .cut = at == limit && limit < text.size()};
  // Few such texts are all escapes.
  if (worth == Worth::unknown && raw >= kFewestKeyed && 4 * raw > at - begin - raw) {
    append_unkeyed(decoded, found);
  }
  if (good) found.push_back(std::move(decoded));
  return at;
}

// What one escape hides a key, host or option with stands beside what is not escaped, so the text
// around comes with it.  Ends of lines and quotes stay as they are written.
std::size_t decode_unescaped(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (text[mark] != '\\' || !is_needless(text, mark)) return mark;
  std::size_t begin = std::max(place.from, mark - std::min(mark, kReach));
  if (const std::size_t line = text.substr(begin, mark - begin).find('\n');
      line != std::string_view::npos && begin != place.from) {
    begin += line + 1;
  }
  std::string bytes(text.substr(begin, mark - begin));
  std::size_t last = mark, at = mark;  // of the last such escape
  for (; at < text.size() && at - last < kReach && at - begin < kLongestPart;) {
    // The lines that the last one stands in are shown whole where they end soon.
    if (text[at] == '\n' && at - last > kReach / 2) break;
    if (text[at] != '\\') {
      bytes += text[at++];
      continue;
    }
    const Escape escape = escape_at(text, at);
    if (escape.length != 0 && is_needless(text, at)) last = at;
    const bool keeps = escape.length == 0 || !is_printable(escape.code) || escape.code == '"' ||
                       escape.code == '\'' || escape.code == '\\' || escape.code == '`';
    const std::size_t length = std::max<std::size_t>(escape.length, 1);
    if (keeps) {
      bytes += text.substr(at, length);
    } else {
      bytes += static_cast<char>(escape.code);
    }
    at += length;
  }
  found.push_back({.name = "unescaped", .begin = begin, .end = at, .bytes = std::move(bytes)});
  return at;
}

std::size_t decode_percent(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (text[mark] != '%') return mark;
  const Span token = word_around(text, mark, place.from, kLongestToken);
  std::string bytes;
  std::size_t count = 0;
  for (std::size_t at = token.begin; at < token.end; ++at) {
    const int high = text[at] == '%' && at + 2 < token.end ? hex_value(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[at + 2]) : -1;
    if (low < 0) {
      bytes += text[at];
      continue;
    }
    if (is_printable(static_cast<std::uint32_t>(high * 16 + low))) ++count;
    bytes += static_cast<char>(high * 16 + low);
    at += 2;
  }
  if (count >= kFewest && is_text(bytes)) {
    found.push_back(
        {.name = "percent", .begin = token.begin, .end = token.end, .bytes = std::move(bytes)});
  }
  return std::max(token.end, mark);
}

}  // namespace minescan::inspect::decoders
