// Arguments that are encoded one by one, too short to tell by themselves: run(d("LW8="),
// d("YTox")),
// $(echo LW8= | base64 -d).  What is around them stays, so that they stand in order.

#include <algorithm>
#include <array>
#include <optional>

#include "inspect/decoders/base64.h"
#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/names.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kLongestWord = 600;  // characters
constexpr std::size_t kFewest = 3;         // words that stand near one another
constexpr std::size_t kFewestBytes = 12;   // of all of them
constexpr std::size_t kFar = 1024;         // from one to the next
constexpr std::size_t kAround = 256;       // shown before the first and behind the last

struct Word {
  Span place;
  std::string bytes;  // decoded, with its quotes
  std::size_t count = 0;
};

// The characters decoded, where they are whole base64 of printable text.
std::optional<std::string> decoded(std::string_view characters) {
  std::string_view digits = characters;
  while (!digits.empty() && digits.back() == '=') digits.remove_suffix(1);
  const std::size_t padding = characters.size() - digits.size();
  if (digits.size() < 2 || digits.size() % 4 == 1 || padding > 2) return std::nullopt;
  if (padding != 0 && characters.size() % 4 != 0) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), in_base64_alphabet)) return std::nullopt;
  std::string bytes = base64(digits);
  const bool text = std::all_of(bytes.begin(), bytes.end(),
                                [](char c) { return is_printable(static_cast<unsigned char>(c)); });
  return text && !bytes.empty() ? std::optional(std::move(bytes)) : std::nullopt;
}

// Widens a literal to the call around it that decodes it and does nothing else:
// Buffer.from("LW8=", "base64").toString().
Span with_call(std::string_view text, Span literal, std::size_t from) {
  const Span quoted{literal.begin - 1, literal.end + 1};
  std::size_t begin = quoted.begin;
  while (begin > from && text[begin - 1] == ' ') --begin;
  if (begin == from || text[begin - 1] != '(') return quoted;
  std::size_t name = begin - 1;
  for (std::size_t next = name_begin(text, name, from); next < name;
       next = name_begin(text, name, from)) {
    name = next;
    if (name == from || text[name - 1] != '.') break;
    --name;
  }
  std::size_t end = skip_blanks(text, quoted.end);
  for (const std::string_view second : {", 'base64'", ",'base64'", ", \"base64\"", ",\"base64\""}) {
    if (text.substr(end).starts_with(second)) end += second.size();
  }
  if (name == begin - 1 || end >= text.size() || text[end] != ')') return quoted;
  ++end;
  for (const std::string_view call : {".decode()", ".toString()", ".decode('utf-8')",
                                      ".decode(\"utf-8\")", ".toString('utf8')"}) {
    if (text.substr(end).starts_with(call)) end += call.size();
  }
  return {name, end};
}

void literals_of(std::string_view text, std::size_t from, std::vector<Word>& words) {
  for (std::size_t at = from; at < text.size();) {
    if (!is_quote(text[at])) {
      ++at;
      continue;
    }
    const std::size_t limit = std::min(text.size(), at + kLongestWord);
    std::size_t end = at + 1;
    while (end < limit && (in_base64_alphabet(text[end]) || text[end] == '=')) ++end;
    if (end >= limit || text[end] != text[at] || end < at + 3) {
      at = std::max(at + 1, end);
      continue;
    }
    auto bytes = decoded(text.substr(at + 1, end - at - 1));
    if (bytes) {
      const Span place =
          with_call(text, {at + 1, end}, words.empty() ? from : words.back().place.end);
      const std::size_t count = bytes->size();
      words.push_back({place, text[at] + std::move(*bytes) + text[at], count});
    }
    at = end + 1;
  }
}

// A shell's $(echo LW8= | base64 -d) around the "base64 -" at `at`.
std::optional<Word> substitution(std::string_view text, std::size_t at, std::size_t from) {
  std::size_t end = text.substr(at, 24).find_first_of(")`|;\n");
  if (end == std::string_view::npos) return std::nullopt;
  end += at;
  if (text[end] != ')' && text[end] != '`') return std::nullopt;
  if (text.substr(at, end - at).find_first_of("dD") == std::string_view::npos) return std::nullopt;
  std::size_t last = at;
  while (last > from && (text[last - 1] == ' ' || text[last - 1] == '|')) --last;
  if (last == at || last == from) return std::nullopt;
  if (is_quote(text[last - 1])) --last;
  std::size_t first = last;
  while (first > from && last - first < kLongestWord &&
         (in_base64_alphabet(text[first - 1]) || text[first - 1] == '=')) {
    --first;
  }
  auto bytes = decoded(text.substr(first, last - first));
  if (!bytes) return std::nullopt;
  std::size_t begin = first;
  if (begin > from && is_quote(text[begin - 1])) --begin;
  for (const std::string_view lead :
       {"$(echo ", "$(echo -n ", "`echo ", "`echo -n ", "$(printf ", "$(printf %s "}) {
    if (!text.substr(from, begin - from).ends_with(lead)) continue;
    const std::size_t count = bytes->size();
    return Word{{begin - lead.size(), end + 1}, std::move(*bytes), count};
  }
  return std::nullopt;
}

void substitutions_of(std::string_view text, std::size_t from, std::vector<Word>& words) {
  constexpr std::string_view kCommand = "base64 -";
  for (std::size_t at = text.find(kCommand, from); at != std::string_view::npos;
       at = text.find(kCommand, at + 1)) {
    const std::size_t first = std::max(from, at - std::min(at, 2 * kLongestWord));
    if (auto word = substitution(text, at, first)) words.push_back(std::move(*word));
  }
}

void keep(std::string_view text, std::size_t from, const Word* first, const Word* last,
          Found& found) {
  std::size_t bytes = 0;
  for (const Word* word = first; word != last; ++word) bytes += word->count;
  if (last - first < static_cast<std::ptrdiff_t>(kFewest) || bytes < kFewestBytes) return;
  std::size_t begin = std::max(from, first->place.begin - std::min(first->place.begin, kAround));
  const std::size_t line = text.substr(begin, first->place.begin - begin).rfind('\n');
  if (line != std::string_view::npos) begin += line + 1;
  const std::size_t end = std::min(
      {text.size(), (last - 1)->place.end + kAround, text.find('\n', (last - 1)->place.end)});
  std::string out;
  std::size_t at = begin;
  for (const Word* word = first; word != last; ++word) {
    out += text.substr(at, word->place.begin - at);
    out += word->bytes;
    at = word->place.end;
  }
  out += text.substr(at, end - at);
  found.push_back({.name = "base64 words", .begin = begin, .end = end, .bytes = std::move(out)});
}

}  // namespace

std::size_t decode_base64_words(const Place& place, Found& found) {
  const std::string_view text = place.text;
  // Three characters of it are also found in base64 itself.
  const std::string_view around = text.substr(std::max<std::size_t>(place.hit.begin, 3) - 3, 10);
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"base64", "Base64", "BASE64", "atob", "b64d", "b64D", "b64("});
  if (std::none_of(kNames.begin(), kNames.end(), [&](std::string_view name) {
        return around.find(name) != std::string_view::npos;
      })) {
    return place.hit.begin;
  }
  std::vector<Word> words;
  literals_of(text, place.from, words);
  substitutions_of(text, place.from, words);
  std::stable_sort(words.begin(), words.end(),
                   [](const Word& a, const Word& b) { return a.place.begin < b.place.begin; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].place.begin < words[kept].place.end) continue;
    if (++kept != i) words[kept] = std::move(words[i]);
  }
  if (!words.empty()) words.resize(kept + 1);
  for (std::size_t first = 0; first < words.size();) {
    std::size_t last = first + 1;
    while (last < words.size() && words[last].place.begin - words[last - 1].place.end <= kFar) {
      ++last;
    }
    keep(text, place.from, words.data() + first, words.data() + last, found);
    first = last;
  }
  return text.size();
}

}  // namespace minescan::inspect::decoders
