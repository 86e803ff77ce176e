// Literals that are put into one by their numbers: "{1}{0}" -f 'b','a', "{0}{1}".format("a", "b").

#include <algorithm>
#include <vector>

#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/names.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kFarthestQuote = 4096;
constexpr std::size_t kMostArguments = 4096;
constexpr std::size_t kShortest = 8;  // bytes that say something

// The literals, or names of literals, with commas between from `at` on, which is moved behind them.
std::vector<std::string> arguments(const Place& place, std::size_t& at) {
  const std::string_view text = place.text;
  std::vector<std::string> values;
  while (values.size() < kMostArguments) {
    const std::size_t begin = skip_blanks(text, at);
    if (begin >= text.size()) break;
    std::string value;
    if (is_quote(text[begin])) {
      const auto literal = literal_at(text, begin);
      if (!literal) break;
      value = part(text, *literal);
      at = literal->end + 1;
    } else {
      const std::size_t end = name_end(text, begin);
      if (end == begin || place.names == nullptr ||
          !place.names->append_literal(text.substr(begin, end - begin), value)) {
        break;
      }
      at = end;
    }
    values.push_back(std::move(value));
    const std::size_t comma = skip_blanks(text, at);
    if (comma >= text.size() || text[comma] != ',') break;
    at = comma + 1;
  }
  return values;
}

std::string filled(std::string_view format, const std::vector<std::string>& values) {
  std::string bytes;
  for (std::size_t at = 0; at < format.size() && bytes.size() < kLongestPart; ++at) {
    std::size_t end = at + 1, index = 0;
    while (end < format.size() && end < at + 5 && is_digit(format[end])) {
      index = index * 10 + static_cast<std::size_t>(format[end++] - '0');
    }
    const bool place = format[at] == '{' && end > at + 1 && end < format.size() &&
                       format[end] == '}' && index < values.size();
    if (place) {
      bytes += values[index];
      at = end;
    } else {
      bytes += format[at];
    }
  }
  return bytes;
}

}  // namespace

std::size_t decode_format(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (text[mark] != '{') return mark;
  const std::size_t back = std::max(place.from, mark - std::min(mark, kFarthestQuote));
  std::size_t open = mark;
  while (open > back && !is_quote(text[open - 1]) && text[open - 1] != '\n') --open;
  if (open == back || !is_quote(text[open - 1])) return mark + 1;
  const auto literal = literal_at(text, open - 1);
  if (!literal) return mark + 1;
  std::size_t at = literal->end + 1;
  while (at < text.size() && (is_blank(text[at]) || text[at] == ')')) ++at;
  const std::string_view rest = text.substr(at, 8);
  if (rest.starts_with("-f ") || rest.starts_with("-F ") || rest.starts_with("-f'") ||
      rest.starts_with("-f\"")) {
    at += 2;
  } else if (rest.starts_with(".format(")) {
    at += 8;
  } else {
    return literal->end;
  }
  const std::vector<std::string> values = arguments(place, at);
  if (values.size() < 2) return literal->end;
  std::string bytes = filled(part(text, *literal), values);
  if (bytes.size() < kShortest) return at;
  found.push_back(
      {.name = "format", .begin = literal->begin, .end = at, .bytes = std::move(bytes)});
  return at;
}

}  // namespace minescan::inspect::decoders
