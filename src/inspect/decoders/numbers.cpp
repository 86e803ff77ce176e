#include "inspect/decoders/numbers.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/worth.h"
#include "inspect/decoders/xor_key.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kFewest = 8;  // numbers that say something
constexpr std::size_t kFewestUnknown = 64;
constexpr std::size_t kFewestKeyed = 32;
constexpr std::size_t kFewestCalls = 3;
constexpr std::uint32_t kWidest = 0xffff;

// Moves `at` behind the number there.
std::optional<std::uint32_t> number_at(std::string_view text, std::size_t& at) {
  std::uint32_t number = 0;
  std::size_t end = at;
  const bool hex = end + 2 < text.size() && text[end] == '0' && (text[end + 1] | 0x20) == 'x';
  if (hex) end += 2;
  const std::size_t begin = end;
  while (end < text.size() && end - begin < 6) {
    const int value = hex ? hex_value(text[end]) : is_digit(text[end]) ? text[end] - '0' : -1;
    if (value < 0) break;
    number = number * (hex ? 16 : 10) + static_cast<std::uint32_t>(value);
    ++end;
  }
  if (end == begin || number > kWidest) return std::nullopt;
  at = end;
  return number;
}

void append(Numbers& numbers, std::uint32_t number) {
  if (number < 0x100) {
    numbers.bytes += static_cast<char>(number);
  } else {
    append_utf8(numbers.bytes, number);
  }
  ++numbers.count;
}

}  // namespace

Numbers numbers_at(std::string_view text, std::size_t at) {
  Numbers numbers;
  numbers.end = at;
  while (numbers.bytes.size() < kLongestPart) {
    at = skip_blanks(text, at);
    const auto number = number_at(text, at);
    if (!number) break;
    // Most lists are of other things, which the first numbers show.
    if (numbers.count<kFewest&& * number> 0xff) break;
    append(numbers, *number);
    numbers.end = at;
    at = skip_blanks(text, at);
    if (at >= text.size() || text[at] != ',') break;
    ++at;
  }
  at = skip_blanks(text, at);
  numbers.closed = at < text.size() && (text[at] == ']' || text[at] == ')' || text[at] == '}');
  return numbers;
}

Numbers calls_at(std::string_view text, std::size_t at) {
  Numbers numbers;
  numbers.end = at;
  while (numbers.bytes.size() < kLongestPart) {
    at = skip_blanks(text, at);
    const auto number = number_at(text, at);
    if (!number) break;
    at = skip_blanks(text, at);
    if (at >= text.size() || text[at] != ')') break;
    append(numbers, *number);
    numbers.end = ++at;
    // What joins, the name of the function, its bracket.
    at = skip_blanks(text, at);
    if (at < text.size() && (text[at] == '+' || text[at] == '.' || text[at] == '&')) ++at;
    at = skip_blanks(text, at);
    const std::size_t limit = std::min(text.size(), at + 24);
    while (at < limit && (text[at] == '.' || (text[at] >= 'A' && text[at] <= 'z'))) ++at;
    if (at >= text.size() || text[at] != '(') break;
    ++at;
  }
  numbers.closed = true;
  return numbers;
}

std::size_t decode_numbers(const Place& place, Found& found) {
  const std::size_t mark = place.hit.begin;
  const std::string_view text = place.text;
  if (text[mark] != '[' && text[mark] != '(' && text[mark] != '{') return mark;
  Numbers numbers = numbers_at(text, mark + 1);
  if (numbers.count < kFewest || !numbers.closed) return std::max(mark, numbers.end);
  Worth worth = worth_of(std::string_view(numbers.bytes).substr(0, 512));
  if (worth == Worth::text && !is_text(numbers.bytes)) worth = Worth::unknown;
  const bool good = worth == Worth::text || worth == Worth::known ||
                    (worth == Worth::unknown && numbers.count >= kFewestUnknown &&
                     numbers.bytes.size() == numbers.count);
  if (!good && (worth != Worth::unknown || numbers.count < kFewestKeyed)) return numbers.end;
  Decoded decoded{.name = "character codes",
                  .begin = mark,
                  .end = numbers.end,
                  .bytes = std::move(numbers.bytes),
                  .unknown = worth == Worth::unknown};
  // What a key was taken of may still look like text.
  if (numbers.count >= kFewestKeyed && worth != Worth::known &&
      (worth == Worth::unknown || decoded.bytes.find(' ') == std::string::npos)) {
    append_unkeyed(decoded, found);
  }
  if (good) found.push_back(std::move(decoded));
  return numbers.end;
}

std::size_t decode_calls_of_characters(const Place& place, Found& found) {
  const std::size_t open = place.hit.begin + 1;
  Numbers numbers = calls_at(place.text, open + 1);
  if (numbers.count < kFewestCalls) return place.hit.begin;
  if (is_text(numbers.bytes)) {
    found.push_back({.name = "character codes",
                     .begin = place.hit.begin,
                     .end = numbers.end,
                     .bytes = std::move(numbers.bytes)});
  }
  return numbers.end;
}

}  // namespace minescan::inspect::decoders
