// JavaScript whose words were put into a list and replaced by their numbers in it:
// eval(function(p,a,c,k,e,r){…}('0 1("2")',62,3,'var|exec|…'.split('|'),0,{})).

#include <cstring>
#include <optional>
#include <vector>

#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"

namespace minescan::inspect::decoders {
namespace {

// What the packer calls its parameters; the last one has several names.
constexpr std::string_view kParameters = "(p,a,c,k,e,";
constexpr std::size_t kLongestUnpacker = 2048;

bool is_word(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_'; }

// A digit of base 62: 0-9, a-z, A-Z; -1 for others.
int digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 36;
  return -1;
}

std::optional<std::size_t> number(std::string_view word, std::size_t base) {
  std::size_t value = 0;
  for (const char c : word) {
    const int one = digit(c);
    if (one < 0 || static_cast<std::size_t>(one) >= base || value > 0xffffff) return std::nullopt;
    value = value * base + static_cast<std::size_t>(one);
  }
  return value;
}

std::string unescaped(std::string_view literal) {
  std::string out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] == '\\' && i + 1 < literal.size()) ++i;
    out += literal[i];
  }
  return out;
}

// Moves `at` behind the decimal number and the comma there.
std::size_t number_and_comma(std::string_view text, std::size_t& at) {
  std::size_t value = 0;
  at = skip_blanks(text, at);
  while (at < text.size() && is_digit(text[at]) && value < 0xffffff) {
    value = value * 10 + static_cast<std::size_t>(text[at++] - '0');
  }
  at = skip_blanks(text, at);
  if (at < text.size() && text[at] == ',') at = skip_blanks(text, at + 1);
  return value;
}

// Unpacks what is given to the function whose parameters end at `at`; returns where it ended.
std::size_t unpack(std::string_view text, std::size_t at, Found& found) {
  // The packed text is the first literal behind the function's last bracket.
  const std::string_view body = text.substr(at, kLongestUnpacker);
  std::size_t call = body.find("return p}(");
  if (call == std::string_view::npos) return at;
  call = skip_blanks(text, at + call + 10);
  if (call >= text.size() || !is_quote(text[call])) return at;
  const auto payload = literal_at(text, call);
  if (!payload) return at;
  std::size_t next = skip_blanks(text, payload->end + 1);
  if (next >= text.size() || text[next] != ',') return at;
  ++next;
  const std::size_t base = number_and_comma(text, next);
  number_and_comma(text, next);  // how many words there are
  if (base < 2 || base > 62 || next >= text.size() || !is_quote(text[next])) return at;
  const auto list = literal_at(text, next);
  if (!list) return at;
  std::vector<std::string_view> words;
  std::string_view rest = part(text, *list);
  while (true) {
    const std::size_t end = rest.find('|');
    words.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  const std::string packed = unescaped(part(text, *payload));
  std::string bytes;
  bool cut = false;
  for (std::size_t i = 0; i < packed.size() && !cut;) {
    std::size_t end = i;
    while (end < packed.size() && is_word(packed[end])) ++end;
    const std::string_view word = std::string_view(packed).substr(i, end - i);
    const auto index = word.empty() ? std::nullopt : number(word, base);
    if (index && *index < words.size() && !words[*index].empty()) {
      bytes += words[*index];
    } else {
      bytes += word.empty() ? std::string_view(packed).substr(i, 1) : word;
    }
    i = word.empty() ? i + 1 : end;
    // A long word for each of many short numbers.
    cut = bytes.size() > kLongestPart ||
          bytes.size() > 64 * (packed.size() + part(text, *list).size());
  }
  found.push_back({.name = "packed words",
                   .begin = call,
                   .end = list->end,
                   .bytes = std::move(bytes),
                   .cut = cut});
  return list->end;
}

}  // namespace

void decode_packed_words(std::string_view text, Found& found) {
  std::size_t at = 0;
  // memmem() leaps over most of a text; find() stops at every bracket.
  while (const void* place =
             memmem(text.data() + at, text.size() - at, kParameters.data(), kParameters.size())) {
    const auto begin = static_cast<std::size_t>(static_cast<const char*>(place) - text.data());
    at = unpack(text, begin + kParameters.size(), found);
  }
}

}  // namespace minescan::inspect::decoders
