// uuencode: lines of 'M' and 60 characters, and a shorter one at the end.

#include <algorithm>

#include "inspect/decoders/decoder.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::decoders {
namespace {

// Appends a line's bytes; false when it is none.
bool append_line(std::string_view line, std::string& bytes) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty() || line[0] <= ' ' || line[0] > 'M') return false;
  const std::size_t count = static_cast<std::size_t>(line[0] - ' ');
  const std::size_t wanted = (count + 2) / 3 * 4;
  const std::string_view characters = line.substr(1);
  if (characters.size() < wanted || characters.size() > wanted + 1) return false;
  const bool good = std::all_of(characters.begin(), characters.end(),
                                [](char c) { return c >= ' ' && c <= '`'; });
  if (!good) return false;
  const std::size_t before = bytes.size();
  for (std::size_t i = 0; i < wanted; i += 4) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      bits = bits << 6 | (static_cast<std::uint32_t>(characters[i + k] - ' ') & 63u);
    }
    bytes += static_cast<char>(bits >> 16);
    bytes += static_cast<char>(bits >> 8);
    bytes += static_cast<char>(bits);
  }
  bytes.resize(before + count);
  return true;
}

}  // namespace

std::size_t decode_uuencoded(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  std::size_t begin = mark;
  if (text[mark] == '\n') {
    begin = mark + 1;
    if (begin >= text.size() || text[begin] != 'M') return mark;
  } else {
    if (!text.substr(mark).starts_with("begin ")) return mark;
    const std::size_t end = text.substr(0, std::min(text.size(), mark + 200)).find('\n', mark);
    if (end == std::string_view::npos) return mark;
    begin = end + 1;
  }
  if (begin < place.from) return mark;
  std::string bytes;
  std::size_t at = begin;
  while (at < text.size() && bytes.size() < kLongestPart) {
    const std::string_view line = text.substr(at, 64);
    const std::size_t end = line.find('\n');
    if (end == std::string_view::npos && at + line.size() < text.size()) break;
    if (!append_line(line.substr(0, end), bytes)) break;
    at = std::min(text.size(), at + (end == std::string_view::npos ? line.size() : end + 1));
  }
  if (at == begin) return mark;
  // The line end behind it begins the next mark.
  const std::size_t done = std::max(mark + 1, at - 1);
  const Worth worth = worth_of(std::string_view(bytes).substr(0, 512));
  const bool cut = bytes.size() >= kLongestPart;
  if (worth == Worth::known || (worth == Worth::text && is_text(bytes))) {
    found.push_back(
        {.name = "uuencode", .begin = begin, .end = at, .bytes = std::move(bytes), .cut = cut});
  }
  return done;
}

}  // namespace minescan::inspect::decoders
