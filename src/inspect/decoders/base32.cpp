// base32 (RFC 4648): upper case and 2 to 7 only.

#include <algorithm>

#include "inspect/decoders/base64.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::decoders {
namespace {

bool of_base32(char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); }

std::string base32(std::string_view characters) {
  std::string bytes;
  bytes.reserve(characters.size() / 8 * 5 + 5);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : characters) {
    if (!of_base32(c)) break;
    bits = (bits << 5) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count);
    }
    bits &= 0xff;
  }
  return bytes;
}

}  // namespace

std::size_t decode_base32(const Place& place, Found& found) {
  const Span run = place.hit;
  const std::string_view front = place.text.substr(run.begin, 32);
  if (!std::all_of(front.begin(), front.end(), [](char c) { return of_base32(c) || c == '='; })) {
    return run.begin;
  }
  const Worth worth = worth_of(base32(front));
  if (worth != Worth::text && worth != Worth::known) return run.begin;
  const Pieces pieces = gather(place.text, run);
  const std::string characters = joined(place.text, pieces);
  if (!std::all_of(characters.begin(), characters.end(), of_base32)) return run.begin;
  std::string bytes = base32(characters);
  if (worth == Worth::text && !is_text(bytes)) return run.begin;
  found.push_back({.name = "base32",
                   .begin = run.begin,
                   .end = pieces.end,
                   .bytes = std::move(bytes),
                   .cut = pieces.cut});
  return pieces.end;
}

}  // namespace minescan::inspect::decoders
