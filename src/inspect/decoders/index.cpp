// Tables of strings, as obfuscators of JavaScript make them: var t=["a","b"];function f(i){return
// t[i-0x10]} and f(0x10) or t[0] where the strings stood.  They are put back where table, offset
// and a turn of the table can be read plainly; nothing is computed.

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/names.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kFewest = 3;         // strings put back
constexpr std::size_t kMostSearches = 32;  // of a text for a function, one pass each
constexpr std::size_t kMostItems = 100'000;
constexpr std::size_t kBody = 600;       // of a function, as far as it is read
constexpr std::size_t kTurnReach = 500;  // of the function that turns a table, before its arguments
constexpr std::size_t kAround = 1024;    // shown before the first and behind the last
constexpr std::size_t kFar = 16384;      // from one to the next

// Moves `at` behind the number there.
std::optional<std::size_t> number_at(std::string_view text, std::size_t& at) {
  std::size_t end = at, number = 0;
  const bool hex = text.substr(at).starts_with("0x");
  if (hex) end += 2;
  const std::size_t begin = end;
  while (end < text.size() && end - begin < 7) {
    const int value = hex ? hex_value(text[end]) : is_digit(text[end]) ? text[end] - '0' : -1;
    if (value < 0) break;
    number = number * (hex ? 16 : 10) + static_cast<std::size_t>(value);
    ++end;
  }
  if (end == begin) return std::nullopt;
  at = end;
  return number;
}

class Tables {
 public:
  Tables(std::string_view text, Names& names) : text_(text), names_(names) {}

  // The literal that `name[number]` or `name(number)` stands for.
  std::optional<Span> item(std::string_view name, bool call, std::size_t number) {
    auto [known, fresh] = uses_.try_emplace(std::string(name) + (call ? "(" : "["));
    if (fresh) known->second = call ? function(name) : table(name);
    const Use& use = known->second;
    if (use.list == std::string_view::npos || number < use.offset) return std::nullopt;
    const std::vector<Span>& items = items_of(use.list);
    const std::size_t index = number - use.offset;
    if (index >= items.size()) return std::nullopt;
    return items[(index + use.turn) % items.size()];
  }

 private:
  struct Use {
    std::size_t list = std::string_view::npos;
    std::size_t offset = 0;
    std::size_t turn = 0;
  };

  Use table(std::string_view name) {
    Use use{.list = names_.list_of(name)};
    if (use.list != std::string_view::npos) use.turn = turn_of(name);
    return use;
  }

  Use function(std::string_view name) {
    const std::string_view body = body_of(name);
    Use use;
    std::optional<std::size_t> offset;
    for (std::size_t at = 0; at < body.size(); ++at) {
      if (body[at] == '-' && !offset) {
        std::size_t number = skip_blanks(body, at + 1);
        offset = number_at(body, number);
      }
      if (at > 0 && name_end(body, at - 1) != at - 1) continue;
      const std::size_t end = name_end(body, at);
      if (end == at || is_digit(body[at])) continue;
      const std::string_view word = body.substr(at, end - at);
      if (word == name || use.list != std::string_view::npos) continue;
      use.list = names_.list_of(word);
      if (use.list != std::string_view::npos) {
        use.turn = turn_of(word);
      } else if (body.substr(end).starts_with("()")) {
        // The table is what another function returns.
        const std::string_view maker = body_of(word);
        const std::size_t list = maker.find("=[");
        if (list != std::string_view::npos) {
          use.list = static_cast<std::size_t>(maker.data() - text_.data()) + list + 2;
        }
      }
    }
    use.offset = offset.value_or(0);
    return use;
  }

  std::string_view body_of(std::string_view name) {
    for (const std::string& head :
         {"function " + std::string(name) + "(", std::string(name) + "=function(",
          std::string(name) + " = function("}) {
      if (++searches_ > kMostSearches) return {};
      const std::size_t at = text_.find(head);
      if (at != std::string_view::npos) return text_.substr(at + head.size(), kBody);
    }
    return {};
  }

  // How often a function with push and shift in it that is called with the table and a number turns
  // it: (function(a,n){…a.push(a.shift())…}(t,0x1f)).
  std::size_t turn_of(std::string_view name) {
    if (++searches_ > kMostSearches) return 0;
    const std::string head = std::string(name) + ",";
    std::size_t tries = 0;
    for (std::size_t at = text_.find(head); at != std::string_view::npos && tries < 16;
         at = text_.find(head, at + 1), ++tries) {
      std::size_t end = skip_blanks(text_, at + head.size());
      const auto number = number_at(text_, end);
      if (!number || end >= text_.size() || text_[end] != ')') continue;
      const std::size_t first = at - std::min(at, kTurnReach);
      const std::string_view before = text_.substr(first, at - first);
      if (before.find("push") == std::string_view::npos ||
          before.find("shift") == std::string_view::npos) {
        continue;
      }
      const bool more = before.find("(++") != std::string_view::npos;
      return *number == 0 ? 0 : more ? *number : *number - 1;
    }
    return 0;
  }

  const std::vector<Span>& items_of(std::size_t list) {
    auto [known, fresh] = items_.try_emplace(list);
    std::vector<Span>& items = known->second;
    if (!fresh) return items;
    for (std::size_t at = skip_blanks(text_, list);
         at < text_.size() && is_quote(text_[at]) && items.size() < kMostItems;) {
      const auto literal = literal_at(text_, at);
      if (!literal) break;
      items.push_back(*literal);
      at = skip_blanks(text_, literal->end + 1);
      if (at >= text_.size() || text_[at] != ',') break;
      at = skip_blanks(text_, at + 1);
    }
    return items;
  }

  std::string_view text_;
  Names& names_;
  std::size_t searches_ = 0;
  std::unordered_map<std::string, Use> uses_;
  std::map<std::size_t, std::vector<Span>> items_;
};

struct Put {
  Span place;
  Span literal;
};

// The use whose bracket is text[open].
std::optional<Put> use_at(std::string_view text, std::size_t open, std::size_t from,
                          Tables& tables) {
  std::size_t at = open + 1;
  const bool quoted = at < text.size() && is_quote(text[at]);
  if (quoted) ++at;
  const auto number = number_at(text, at);
  if (!number) return std::nullopt;
  if (quoted && at < text.size() && is_quote(text[at])) ++at;
  if (at >= text.size() || text[at] != (text[open] == '(' ? ')' : ']')) return std::nullopt;
  const std::size_t begin = name_begin(text, open, from);
  if (begin == open || is_digit(text[begin])) return std::nullopt;
  const auto literal = tables.item(text.substr(begin, open - begin), text[open] == '(', *number);
  if (!literal) return std::nullopt;
  return Put{{begin, at + 1}, *literal};
}

void keep(std::string_view text, std::size_t from, const Put* first, const Put* last,
          Found& found) {
  if (last - first < static_cast<std::ptrdiff_t>(kFewest)) return;
  const std::size_t begin =
      std::max(from, first->place.begin - std::min(first->place.begin, kAround));
  const std::size_t end = std::min(text.size(), (last - 1)->place.end + kAround);
  // A long string may stand in the table once and be used everywhere.
  const std::size_t most = 2 * (end - begin) + (std::size_t{64} << 10);
  std::string out;
  std::size_t at = begin;
  for (const Put* put = first; put != last && out.size() < most; ++put) {
    out += text.substr(at, put->place.begin - at);
    out += text.substr(put->literal.begin - 1, put->literal.end - put->literal.begin + 2);
    at = put->place.end;
  }
  out += text.substr(at, end - at);
  found.push_back({.name = "string table", .begin = begin, .end = end, .bytes = std::move(out)});
}

}  // namespace

std::size_t decode_index(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (place.names == nullptr || (text[mark] != '(' && text[mark] != '[')) return mark;
  // What obfuscators call things; other code has tables too, but no need to have them read.
  const std::size_t begin = name_begin(text, mark, place.from);
  const std::string_view name = text.substr(begin, mark - begin);
  if (name.find("_0x") == std::string_view::npos && !name.starts_with("_$")) return mark;
  Tables tables(text, *place.names);
  std::vector<Put> puts;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (text[at] != '(' && text[at] != '[') continue;
    if (auto put = use_at(text, at, puts.empty() ? place.from : puts.back().place.end, tables)) {
      puts.push_back(*put);
    }
  }
  for (std::size_t first = 0; first < puts.size();) {
    std::size_t last = first + 1;
    while (last < puts.size() && puts[last].place.begin - puts[last - 1].place.end <= kFar) ++last;
    keep(text, place.from, puts.data() + first, puts.data() + last, found);
    first = last;
  }
  return text.size();
}

}  // namespace minescan::inspect::decoders
