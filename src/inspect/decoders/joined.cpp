// Literals that the language puts together: "44A" + "FFq5", 'xm'.'rig', "a" "b", 'xm''rig'.

#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kShortestJoined = 8;  // bytes; less says nothing

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_' || c == '+' || c == ':' || c == '/' || c == '@';
}

// Where the next literal opens behind the quote at `close`, or npos.  `operator_seen`: whether a
// plus or full stop stands between.
std::size_t next_literal(std::string_view text, std::size_t close, bool& operator_seen) {
  operator_seen = false;
  std::size_t at = close + 1;
  while (at < text.size()) {
    const char c = text[at];
    if (is_quote(c)) return at;
    if ((c == '+' || c == '.') && !operator_seen) {
      operator_seen = true;
    } else if (c == '\\' && at + 1 < text.size() &&
               (text[at + 1] == '\n' || text[at + 1] == '\r')) {
      ++at;  // the line goes on
    } else if (!is_blank(c)) {
      return std::string_view::npos;
    }
    ++at;
  }
  return std::string_view::npos;
}

}  // namespace

std::size_t decode_joined(const Place& place, Found& found) {
  const std::string_view text = place.text;
  std::size_t close = place.hit.begin;
  bool operator_seen = false;
  std::size_t open = next_literal(text, close, operator_seen);
  if (open == std::string_view::npos) return close;
  const auto first = literal_before(text, close, place.from);
  if (!first) return close;
  std::string bytes(part(text, *first));
  std::size_t parts = 1;
  while (open != std::string_view::npos && bytes.size() < kLongestPart) {
    const auto next = literal_at(text, open);
    if (!next) break;
    // Two quotes with nothing between may as well be an empty literal.
    if (open == close + 1 && (bytes.empty() || next->begin == next->end || !is_word(bytes.back()) ||
                              !is_word(text[next->begin]))) {
      break;
    }
    bytes += part(text, *next);
    ++parts;
    close = next->end;
    open = next_literal(text, close, operator_seen);
  }
  if (parts < 2) return close;
  if (bytes.size() >= kShortestJoined) {
    found.push_back({.name = "joined strings",
                     .begin = first->begin - 1,
                     .end = close + 1,
                     .bytes = std::move(bytes)});
  }
  return close + 1;
}

}  // namespace minescan::inspect::decoders
