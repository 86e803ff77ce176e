// Literals, or names of literals, that are given to functions called after what they decode:
// b85decode(x), str_rot13("..."), gzinflate(base64_decode(strrev(str_rot13("...")))).

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "inspect/decoders/base64.h"
#include "inspect/decoders/base85.h"
#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/names.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kMostCalls = 8;
constexpr std::size_t kShortest = 8;  // bytes that say something

bool in_function(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == ':';
}

std::size_t function_begin(std::string_view text, std::size_t end, std::size_t from) {
  std::size_t begin = end;
  while (begin > from && end - begin < 64 && in_function(text[begin - 1])) --begin;
  return begin;
}

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 2 <= digits.size(); i += 2) {
    const int high = hex_value(digits[i]), low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

// What the function makes of `bytes`; nothing when it is none of these.  `step` names it.
std::optional<std::string> called(std::string_view function, const std::string& bytes,
                                  std::string& step) {
  const std::string name = lower(function);
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  const auto as = [&](std::string_view what, std::string made) {
    step = what;
    return std::optional(std::move(made));
  };
  const auto as85 = [&](Base85 kind) {
    step = "base85";
    return base85(bytes, kind);
  };
  if (has("rot13") || has("rot_13")) return as("rot13", rot13(bytes));
  if (has("strrev") || has("reverse")) {
    return as("reversed", std::string(bytes.rbegin(), bytes.rend()));
  }
  if (has("z85")) return as85(Base85::zeromq);
  if (has("b85decode")) return as85(Base85::python);
  if (has("a85decode") || has("ascii85")) return as85(Base85::adobe);
  if (has("base64_decode") || has("b64decode") || name == "atob" || has("frombase64string")) {
    return as("base64", base64(bytes));
  }
  if (has("hex2bin") || has("unhexlify") || has("fromhex")) return as("hex", from_hex(bytes));
  if (name == "bytes" || name == "str" || name == "bytearray" || name.empty()) return as("", bytes);
  return std::nullopt;
}

// A literal's escapes of quotation marks and of themselves.
std::string unescaped(std::string_view literal) {
  std::string out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const bool escapes = literal[i] == '\\' && i + 1 < literal.size() &&
                         (literal[i + 1] == '\\' || is_quote(literal[i + 1]));
    out += literal[escapes ? ++i : i];
  }
  return out;
}

// The text that begins at text[at], as a literal or a name; `end` is set behind it.
std::optional<std::string> argument(const Place& place, std::size_t at, std::size_t& end) {
  const std::string_view text = place.text;
  if (at + 1 >= text.size()) return std::nullopt;
  if (!is_quote(text[at]) && is_quote(text[at + 1])) ++at;  // b"", r""
  if (is_quote(text[at])) {
    const std::string_view three = text.substr(at, 3);
    if (three == "'''" || three == "\"\"\"") {
      const std::size_t close = text.find(three, at + 3);
      if (close == std::string_view::npos) return std::nullopt;
      end = close + 3;
      return std::string(text.substr(at + 3, close - at - 3));
    }
    const auto literal = literal_at(text, at);
    if (!literal) return std::nullopt;
    end = literal->end + 1;
    const bool raw = at > 0 && (text[at - 1] | 0x20) == 'r';
    return raw ? std::string(part(text, *literal)) : unescaped(part(text, *literal));
  }
  end = name_end(text, at);
  std::string value;
  if (end == at || !place.names->append_literal(text.substr(at, end - at), value)) {
    return std::nullopt;
  }
  return value;
}

void keep(Found& found, std::size_t begin, std::size_t end, std::string name, std::string bytes) {
  if (bytes.size() < kShortest) return;
  Worth worth = worth_of(std::string_view(bytes).substr(0, 512));
  if (worth == Worth::text && !is_text(bytes)) worth = Worth::unknown;
  if (worth == Worth::nothing) return;
  found.push_back({.name = std::move(name),
                   .begin = begin,
                   .end = end,
                   .bytes = std::move(bytes),
                   .unknown = worth == Worth::unknown});
}

// codecs.decode("...", "rot13"), with `quote` where the second literal opens.
std::size_t second_argument(const Place& place, std::size_t quote, Found& found) {
  const std::string_view text = place.text;
  std::size_t end = quote;
  while (end > place.from && (text[end - 1] == ' ' || text[end - 1] == ',')) --end;
  if (end == place.from || end == quote) return place.hit.begin;
  if (is_quote(text[end - 1])) {
    const auto literal = literal_before(text, end - 1, place.from);
    if (literal) keep(found, literal->begin, quote, "rot13", rot13(part(text, *literal)));
    return quote + 1;
  }
  std::string value;
  const std::size_t begin = name_begin(text, end, place.from);
  if (place.names->append_literal(text.substr(begin, end - begin), value)) {
    keep(found, begin, quote, "rot13", rot13(value));
  }
  return quote + 1;
}

}  // namespace

std::size_t decode_named(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  if (place.names == nullptr) return mark;
  std::size_t begin = function_begin(text, mark, place.from);
  std::size_t end = mark;
  while (end < text.size() && end - mark < 64 && in_function(text[end])) ++end;
  const std::string name = lower(text.substr(begin, end - begin));
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  if (!has("85") && !has("rot13") && !has("rot_13") && !has("t-13")) return mark;
  if (begin > place.from && is_quote(text[begin - 1]))
    return second_argument(place, begin - 1, found);
  if (end >= text.size() || text[end] != '(') return mark;
  // The outer calls, the outermost first, then this one and those inside it.
  std::vector<std::string_view> calls = {text.substr(begin, end - begin)};
  while (begin > place.from && text[begin - 1] == '(' && calls.size() < kMostCalls) {
    const std::size_t outer = function_begin(text, begin - 1, place.from);
    if (outer == begin - 1) break;
    calls.insert(calls.begin(), text.substr(outer, begin - 1 - outer));
    begin = outer;
  }
  std::size_t at = skip_blanks(text, end + 1);
  while (calls.size() < 2 * kMostCalls) {
    std::size_t inner = at;
    while (inner < text.size() && inner - at < 64 && in_function(text[inner])) ++inner;
    if (inner == at || inner >= text.size() || text[inner] != '(') break;
    calls.push_back(text.substr(at, inner - at));
    at = skip_blanks(text, inner + 1);
  }
  std::size_t last = at;
  auto bytes = argument(place, at, last);
  if (!bytes) return end;
  std::string steps;
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    std::string step;
    auto made = called(*call, *bytes, step);
    if (!made) break;
    bytes = std::move(made);
    if (!step.empty()) steps += (steps.empty() ? "" : ", ") + step;
  }
  if (!steps.empty()) keep(found, begin, last, std::move(steps), std::move(*bytes));
  return std::max(last, end);
}

}  // namespace minescan::inspect::decoders
