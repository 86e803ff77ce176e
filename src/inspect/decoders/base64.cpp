// base64 and its disguises: URL-safe, wrapped, reversed, through ROT13, and the four variables that
// pyobfuscate splits it into.

#include "inspect/decoders/base64.h"

#include <algorithm>
#include <array>
#include <utility>

#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/worth.h"
#include "inspect/decoders/xor_key.h"

namespace minescan::inspect::decoders {
namespace {

// Bytes of no known kind are only looked at when that many characters are surely base64.
constexpr std::size_t kShortestUnknown = 64;
// Characters decoded to see what it is: 64 bytes, and of what may be a tar its magic.
constexpr std::size_t kHead = 352;

// What may stand between two pieces, besides at least one line end.
constexpr std::size_t kWidestGlue = 96;

constexpr std::array<std::uint8_t, 256> values() {
  std::array<std::uint8_t, 256> table{};
  table.fill(0xff);
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    table[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  table['-'] = 62;
  table['_'] = 63;
  return table;
}
constexpr auto kValues = values();

// Where the next piece begins, or npos: blanks and a little punctuation with a line end among them.
std::size_t behind_glue(std::string_view text, std::size_t at) {
  const std::size_t limit = std::min(text.size(), at + kWidestGlue);
  bool line_end = false;
  std::size_t marks = 0;
  while (at < limit) {
    const char c = text[at];
    if (c == '\\' && at + 1 < limit && (text[at + 1] == 'n' || text[at + 1] == 'r')) {
      line_end = true;
      at += 2;
      continue;
    }
    if (c == '\n') line_end = true;
    const bool mark = is_quote(c) || c == ',' || c == '\\' || c == '.' || c == '&' || c == '#';
    // A plus between quotes joins, elsewhere it belongs to the alphabet.
    const bool plus = c == '+' && (at + 1 >= limit || !in_base64_alphabet(text[at + 1]));
    if (!is_blank(c) && !mark && !plus) break;
    if (mark && ++marks > 6) return std::string_view::npos;
    ++at;
  }
  return line_end && at < limit && in_base64_alphabet(text[at]) ? at : std::string_view::npos;
}

std::size_t run_end(std::string_view text, std::size_t at) {
  while (at < text.size() && in_base64_alphabet(text[at])) ++at;
  return at;
}

constexpr std::array<std::uint8_t, 256> rotated_values() {
  auto table = values();
  for (unsigned char c = 'a'; c <= 'z'; ++c) {
    table[c] = values()[static_cast<unsigned char>('a' + (c - 'a' + 13) % 26)];
  }
  for (unsigned char c = 'A'; c <= 'Z'; ++c) {
    table[c] = values()[static_cast<unsigned char>('A' + (c - 'A' + 13) % 26)];
  }
  return table;
}
constexpr auto kRotatedValues = rotated_values();

// What the first 16 characters say; `step` -1 reads backwards.  They must be of the alphabet.
Worth front_worth(const char* at, int step, const std::array<std::uint8_t, 256>& table) {
  std::array<char, 12> bytes{};
  for (std::size_t i = 0; i < 12; i += 3) {
    std::uint32_t bits = 0;
    for (int k = 0; k < 4; ++k, at += step)
      bits = bits << 6 | table[static_cast<unsigned char>(*at)];
    bytes[i] = static_cast<char>(bits >> 16);
    bytes[i + 1] = static_cast<char>(bits >> 8);
    bytes[i + 2] = static_cast<char>(bits);
  }
  return worth_of({bytes.data(), bytes.size()});
}

// Names of one case are not base64: 32 characters of it have both.
bool has_both_cases(std::string_view characters) {
  bool upper = false, lower = false;
  for (const char c : characters.substr(0, 32)) {
    upper = upper || (c >= 'A' && c <= 'Z');
    lower = lower || (c >= 'a' && c <= 'z');
  }
  return upper && lower;
}

bool surely_base64(std::string_view characters, bool padded) {
  bool upper = false, lower = false, digit = false;
  for (const char c : characters.substr(0, 256)) {
    upper = upper || (c >= 'A' && c <= 'Z');
    lower = lower || (c >= 'a' && c <= 'z');
    digit = digit || (c >= '0' && c <= '9');
  }
  return upper && lower && digit && (padded || characters.size() % 4 == 0);
}

// The variable that the literal at `begin` is given to: "magic" of  magic = '…
std::string_view variable_before(std::string_view text, std::size_t begin) {
  if (begin == 0 || !is_quote(text[begin - 1])) return {};
  std::size_t at = begin - 1;
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '=')) --at;
  const std::size_t end = at;
  while (at > 0 && end - at < 16 && text[at - 1] >= 'a' && text[at - 1] <= 'z') --at;
  return text.substr(at, end - at);
}

// pyobfuscate: magic + rot13(love) + god + rot13(destiny).
std::size_t split_in_four(std::string_view text, Span magic, Found& found) {
  constexpr std::size_t kFar = std::size_t{8} << 20;  // from the first to the last variable
  if (variable_before(text, magic.begin) != "magic") return magic.begin;
  const std::string_view near = text.substr(magic.end, kFar);
  std::string characters(part(text, magic));
  std::size_t at = 0;
  for (const auto& [name, rotated] : {std::pair{"love", true}, {"god", false}, {"destiny", true}}) {
    const std::size_t where = near.find(std::string("\n") + name, at);
    if (where == std::string_view::npos) return magic.begin;
    const std::size_t quote = near.find_first_of("'\"", where);
    if (quote == std::string_view::npos || quote > where + 16) return magic.begin;
    const auto literal = literal_at(near, quote);
    if (!literal) return magic.begin;
    const std::string_view value = part(near, *literal);
    characters += rotated ? rot13(value) : std::string(value);
    at = literal->end;
  }
  std::string bytes = base64(characters);
  if (!is_text(bytes)) return magic.begin;
  found.push_back({.name = "base64 split in four",
                   .begin = magic.begin,
                   .end = magic.end + at,
                   .bytes = std::move(bytes)});
  return magic.end + at;
}

std::string reversed(std::string_view text) { return {text.rbegin(), text.rend()}; }

}  // namespace

char rot13(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<char>('a' + (c - 'a' + 13) % 26);
  if (c >= 'A' && c <= 'Z') return static_cast<char>('A' + (c - 'A' + 13) % 26);
  return c;
}

std::string rot13(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = rot13(c);
  return out;
}

Pieces gather(std::string_view text, Span first) {
  Pieces pieces{.spans = {first}, .end = first.end};
  const std::size_t width = first.end - first.begin;
  std::size_t total = width;
  while (true) {
    const Span last = pieces.spans.back();
    if (last.end < text.size() && text[last.end] == '=') {
      pieces.padded = true;
      while (pieces.end < text.size() && text[pieces.end] == '=') ++pieces.end;
      break;
    }
    if (last.end - last.begin != width) break;
    const std::size_t next = behind_glue(text, last.end);
    if (next == std::string_view::npos) break;
    const std::size_t end = run_end(text, next);
    if (end - next > width) break;
    if (total > kLongestPart) {
      pieces.cut = true;
      break;
    }
    total += end - next;
    pieces.spans.push_back({next, end});
    pieces.end = end;
  }
  return pieces;
}

std::string joined(std::string_view text, const Pieces& pieces) {
  std::string characters;
  for (const Span& span : pieces.spans) characters += part(text, span);
  return characters;
}

std::string base64(std::string_view characters, std::size_t most) {
  characters = characters.substr(0, most);
  std::string bytes;
  bytes.reserve(characters.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : characters) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == 0xff) break;
    bits = (bits << 6) | value;
    if (++count % 4 == 0) {
      bytes += static_cast<char>(bits >> 16);
      bytes += static_cast<char>(bits >> 8);
      bytes += static_cast<char>(bits);
      bits = 0;
    }
  }
  if (count % 4 == 2) bytes += static_cast<char>(bits >> 4);
  if (count % 4 == 3) {
    bytes += static_cast<char>(bits >> 10);
    bytes += static_cast<char>(bits >> 2);
  }
  return bytes;
}

std::size_t decode_base64(const Place& place, Found& found) {
  const std::string_view text = place.text;
  Span run = place.hit;
  // The n of a line end that is spelled out is of the alphabet too.
  if (run.begin > place.from && text[run.begin - 1] == '\\' &&
      (text[run.begin] == 'n' || text[run.begin] == 'r' || text[run.begin] == 't')) {
    ++run.begin;
  }
  if (const std::size_t end = split_in_four(text, run, found); end != run.begin) return end;

  if (run.end < run.begin + 16 || !has_both_cases(part(text, run))) return run.end;
  // The first characters tell whether it is worth decoding the others.
  const auto good = [](Worth worth) { return worth == Worth::text || worth == Worth::known; };
  Worth worth = front_worth(text.data() + run.begin, 1, kValues);
  if (worth == Worth::nothing) return gather(text, run).end;
  bool turn = false;
  if (worth == Worth::unknown) {
    const Worth turned = front_worth(text.data() + run.begin, 1, kRotatedValues);
    turn = turned == Worth::text;
    // Backwards it begins where the last group of four ends.
    const Worth backwards = front_worth(text.data() + run.end - 1, -1, kValues);
    const bool padded = run.begin > place.from && text[run.begin - 1] == '=';
    // Two bytes of magic alone are now and then chance: then what they begin has to hold.
    const bool known = backwards == Worth::known && (padded || (run.end - run.begin) % 4 == 0);
    if (!turn && (backwards == Worth::text || known)) {
      std::string bytes = base64(reversed(part(text, run)));
      if (known || is_text(bytes)) {
        found.push_back({.name = "reversed, base64",
                         .begin = run.begin,
                         .end = run.end,
                         .bytes = std::move(bytes),
                         .unknown = known && !padded});
        return run.end;
      }
    }
  }
  const bool enough = !place.only_known && run.end - run.begin >= kShortestUnknown;
  if (!good(worth) && !turn && !enough) return run.end;

  const Pieces pieces = gather(text, run);
  std::string characters = joined(text, pieces);
  if (!good(worth) && !turn && !surely_base64(characters, pieces.padded)) return pieces.end;
  if (turn) characters = rot13(characters);
  worth = worth_of(base64(characters, kHead));
  if (worth == Worth::nothing) return pieces.end;
  std::string bytes = base64(characters);
  if (worth == Worth::text && !is_text(bytes)) worth = Worth::unknown;
  if (worth == Worth::unknown &&
      (turn || !surely_base64(characters, pieces.padded) || characters.size() < kShortestUnknown)) {
    return pieces.end;
  }
  Decoded decoded{.name = turn ? "rot13, base64" : "base64",
                  .begin = run.begin,
                  .end = pieces.end,
                  .bytes = std::move(bytes),
                  .unknown = worth == Worth::unknown,
                  .cut = pieces.cut};
  if (decoded.unknown && !place.only_known) append_unkeyed(decoded, found);
  found.push_back(std::move(decoded));
  return pieces.end;
}

}  // namespace minescan::inspect::decoders
