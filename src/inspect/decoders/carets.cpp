// Letters behind carets, which a batch file's reader takes off: s^t^a^r^t.

#include <algorithm>

#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"

namespace minescan::inspect::decoders {
namespace {

// Formulas have some; hiding words takes more.
constexpr std::size_t kFewest = 8;
constexpr std::size_t kMostApart = 8;  // characters for each caret of a line

bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

}  // namespace

void decode_carets(std::string_view text, Found& found) {
  for (std::size_t at = text.find('^'); at != std::string_view::npos; at = text.find('^', at)) {
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line;
    std::size_t count = 0;
    for (std::size_t i = begin; i < end && line.size() < kLongestPart; ++i) {
      if (text[i] == '^' && i + 1 < end) {
        ++i;
        if (is_letter(text[i]) || is_digit(text[i])) ++count;
      }
      line += text[i];
    }
    if (count >= kFewest && count * kMostApart >= end - begin) {
      found.push_back({.name = "carets", .begin = begin, .end = end, .bytes = std::move(line)});
    }
    at = end;
  }
}

}  // namespace minescan::inspect::decoders
