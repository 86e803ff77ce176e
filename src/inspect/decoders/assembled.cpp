// Texts that are put together from what has names: "".join(parts), parts.join(""), a + b + c.

#include <algorithm>

#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/names.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kShortest = 8;  // bytes that say something
constexpr std::size_t kMostTerms = 10'000;
constexpr std::size_t kFarthestBracket = std::size_t{64} << 10;  // of a list before its join

void keep(Found& found, std::size_t begin, std::size_t end, std::string bytes) {
  if (bytes.size() < kShortest) return;
  found.push_back(
      {.name = "joined strings", .begin = begin, .end = end, .bytes = std::move(bytes)});
}

// The list or name at text[at], joined.
std::string operand(const Place& place, std::size_t at, std::string_view between) {
  const std::string_view text = place.text;
  if (at >= text.size()) return {};
  if (text.substr(at).starts_with("array(")) at += 5;
  if (text[at] == '[' || text[at] == '(') {
    bool named = false;
    std::string bytes = place.names->joined_at(at, between, named);
    return named ? bytes : std::string();
  }
  if (text[at] == '@') ++at;
  const std::size_t end = name_end(text, at);
  const std::size_t next = skip_blanks(text, end);
  if (end == at || next >= text.size() || text[next] != ')') return {};
  return place.names->joined(text.substr(at, end - at), between);
}

// join(SEPARATOR, LIST) of PHP and Perl; `open` is the bracket of the call.
void join_of_both(const Place& place, std::size_t open, Found& found) {
  const std::string_view text = place.text;
  const std::size_t inside = skip_blanks(text, open + 1);
  if (inside >= text.size() || !is_quote(text[inside])) return;
  const auto between = literal_at(text, inside);
  if (!between) return;
  const std::size_t comma = skip_blanks(text, between->end + 1);
  if (comma >= text.size() || text[comma] != ',') return;
  const std::size_t at = skip_blanks(text, comma + 1);
  keep(found, open, at, operand(place, at, part(text, *between)));
}

// "".join(LIST) and LIST.join(""); `dot` stands before the join.
void join_of_member(const Place& place, std::size_t dot, Found& found) {
  const std::string_view text = place.text;
  const std::size_t inside = skip_blanks(text, dot + 6);
  if (dot == place.from || inside >= text.size()) return;
  if (is_quote(text[dot - 1])) {
    const auto between = literal_before(text, dot - 1, place.from);
    if (between) {
      keep(found, between->begin, inside, operand(place, inside, part(text, *between)));
    }
    return;
  }
  std::string_view between = ",";
  if (is_quote(text[inside])) {
    const auto literal = literal_at(text, inside);
    if (!literal) return;
    between = part(text, *literal);
  }
  if (text[dot - 1] == ']') {
    const std::size_t first = std::max(place.from, dot - std::min(dot, kFarthestBracket));
    const std::size_t bracket = text.substr(first, dot - first).rfind('[');
    if (bracket == std::string_view::npos) return;
    keep(found, first + bracket, inside, operand(place, first + bracket, between));
    return;
  }
  const std::size_t begin = name_begin(text, dot, place.from);
  keep(found, begin, inside, place.names->joined(text.substr(begin, dot - begin), between));
}

// Whether what a bracket opens is given to something that decodes or runs it.
bool is_taken(std::string_view before) {
  return before.ends_with("decode(") || before.ends_with("atob(") || before.ends_with("exec(") ||
         before.ends_with("eval(") || before.ends_with("from(") || before.ends_with("system(");
}

}  // namespace

std::size_t decode_join_of_names(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (place.names == nullptr || mark < place.from + 2) return mark;
  if (text.substr(mark - 1).starts_with("join(")) {
    if (text[mark - 2] == '.') {
      join_of_member(place, mark - 2, found);
    } else {
      join_of_both(place, mark + 3, found);
    }
    return mark + 4;
  }
  if (mark >= place.from + 4 && text.substr(mark - 4).starts_with("implode(")) {
    join_of_both(place, mark + 3, found);
    return mark + 4;
  }
  return mark;
}

std::size_t decode_sum(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (place.names == nullptr) return mark;
  const char sign = text[mark];
  std::size_t end = mark;
  while (end > place.from && text[end - 1] == ' ') --end;
  const std::size_t begin = name_begin(text, end, place.from);
  if (begin == end) return mark;
  if (sign == '.' && text[begin] != '$') return mark;
  std::vector<Span> terms = {{begin, end}};
  std::size_t at = mark;
  while (terms.size() < kMostTerms && at < text.size() && text[at] == sign) {
    const std::size_t next = skip_blanks(text, at + 1);
    if (next >= text.size()) break;
    if (is_quote(text[next])) {
      const auto literal = literal_at(text, next);
      if (!literal) break;
      terms.push_back({literal->begin - 1, literal->end + 1});
    } else {
      const std::size_t last = name_end(text, next);
      if (last == next) break;
      terms.push_back({next, last});
    }
    end = terms.back().end;
    at = skip_blanks(text, end);
  }
  // Two numbers are added everywhere; names are only looked up where it looks like texts.
  if (terms.size() < 2) return mark;
  if (terms.size() < 3 && !is_taken(text.substr(place.from, begin - place.from))) return end;
  std::string bytes;
  for (const Span& term : terms) {
    if (is_quote(text[term.begin])) {
      bytes += text.substr(term.begin + 1, term.end - term.begin - 2);
    } else if (!place.names->append_literal(part(text, term), bytes)) {
      return end;
    }
  }
  keep(found, begin, end, std::move(bytes));
  return end;
}

}  // namespace minescan::inspect::decoders
