// What a script calls to put a text together: join over a list of literals, chr, reversing.

#include <algorithm>

#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/names.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kShortest = 6;  // bytes of a text that says something
constexpr std::size_t kFarthestBracket = std::size_t{1} << 20;  // of a list before its join

// The literals of a list from text[at] on, with `between` between them; `end` is where it ends.
std::string list_at(std::string_view text, std::size_t at, std::string_view between,
                    std::size_t& end) {
  std::string bytes;
  std::size_t count = 0;
  end = at;
  while (bytes.size() < kLongestPart) {
    at = skip_blanks(text, at);
    if (at >= text.size() || !is_quote(text[at])) break;
    const auto literal = literal_at(text, at);
    if (!literal) break;
    if (count++ > 0) bytes += between;
    bytes += part(text, *literal);
    end = literal->end + 1;
    at = skip_blanks(text, end);
    if (at >= text.size() || text[at] != ',') break;
    ++at;
  }
  return count > 1 ? bytes : std::string();
}

void keep(Found& found, std::string_view name, std::size_t begin, std::size_t end,
          std::string bytes) {
  if (bytes.size() < kShortest) return;
  found.push_back(
      {.name = std::string(name), .begin = begin, .end = end, .bytes = std::move(bytes)});
}

// ["a", "b"].join("") and "".join(["a", "b"]); `open` is the bracket of the call.
std::size_t join(const Place& place, std::size_t open, Found& found) {
  const std::string_view text = place.text;
  if (open < place.from + 6 || text.substr(open - 5, 5) != ".join") return place.hit.begin;
  const std::size_t dot = open - 5;
  const std::size_t inside = skip_blanks(text, open + 1);
  if (inside >= text.size()) return place.hit.begin;
  const char before = text[dot - 1];
  std::size_t end = 0;
  if (is_quote(before) && (text[inside] == '[' || text[inside] == '(')) {
    const auto between = literal_before(text, dot - 1, place.from);
    if (!between) return place.hit.begin;
    std::string bytes = list_at(text, inside + 1, part(text, *between), end);
    keep(found, "joined strings", between->begin, end, std::move(bytes));
  } else if (before == ']' && is_quote(text[inside])) {
    const auto between = literal_at(text, inside);
    if (!between) return place.hit.begin;
    const std::size_t first =
        std::max(place.from, dot > kFarthestBracket ? dot - kFarthestBracket : 0);
    const std::size_t bracket = text.substr(first, dot - first).rfind('[');
    if (bracket == std::string_view::npos) return open;
    std::string bytes = list_at(text, first + bracket + 1, part(text, *between), end);
    keep(found, "joined strings", first + bracket, end, std::move(bytes));
    end = std::max(end, between->end + 1);
  } else {
    return place.hit.begin;
  }
  return std::max(end, open);
}

std::string backwards(std::string_view text) { return {text.rbegin(), text.rend()}; }

// 'girmx'[::-1], "girmx".split("").reverse(), strrev("girmx"), echo girmx | rev; the first two also
// with the name of a literal
std::size_t reverse(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  const auto literal_ending = [&](std::size_t end) {
    if (end > place.from && is_quote(text[end - 1])) {
      if (const auto literal = literal_before(text, end - 1, place.from)) {
        keep(found, "reversed", literal->begin, literal->end, backwards(part(text, *literal)));
      }
    }
  };
  const auto value_ending = [&](std::size_t end) {
    if (end > place.from && is_quote(text[end - 1])) return literal_ending(end);
    const std::size_t begin = name_begin(text, end, place.from);
    std::string value;
    if (begin == end || place.names == nullptr ||
        !place.names->append_literal(text.substr(begin, end - begin), value)) {
      return;
    }
    keep(found, "reversed", begin, end, backwards(value));
  };
  if (text[mark] == '[') {
    if (text.substr(mark).starts_with("[::-1]")) value_ending(mark);
    return mark + 3;
  }
  const std::string_view before = text.substr(place.from, mark - place.from);
  if (before.ends_with("str") && mark + 4 < text.size() && text[mark + 3] == '(' &&
      is_quote(text[mark + 4])) {
    if (const auto literal = literal_at(text, mark + 4)) {
      keep(found, "reversed", literal->begin, literal->end, backwards(part(text, *literal)));
      return literal->end;
    }
  } else if (before.ends_with("| ") || before.ends_with("|")) {
    std::size_t end = mark;
    while (end > place.from && (text[end - 1] == ' ' || text[end - 1] == '|')) --end;
    if (end > place.from && is_quote(text[end - 1])) {
      literal_ending(end);
    } else if (end > place.from) {
      const Span word = word_around(text, end - 1, place.from, 4096);
      if (word.end >= end) {
        keep(found, "reversed", word.begin, end, backwards(part(text, {word.begin, end})));
      }
    }
  } else if (before.ends_with(".") && text.substr(mark).starts_with("reverse()")) {
    for (const std::string_view split : {".split(\"\")", ".split('')", ".split(``)"}) {
      if (before.substr(0, before.size() - 1).ends_with(split)) {
        value_ending(mark - 1 - split.size());
      }
    }
  }
  return mark + 3;
}

}  // namespace

std::size_t decode_calls(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  const std::string_view three = text.substr(mark, 3);
  if (three == "[::" || three == "rev") return reverse(place, found);
  if (three.starts_with("n(")) return join(place, mark + 1, found);
  if (three.starts_with("r(") || three.starts_with("e(")) {
    return decode_calls_of_characters(place, found);
  }
  return mark;
}

}  // namespace minescan::inspect::decoders
