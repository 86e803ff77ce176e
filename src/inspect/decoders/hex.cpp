// Runs of hex digits.  Nearly all of them are digests and ids, which are nothing.

#include <algorithm>

#include "inspect/decoders/base64.h"
#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/worth.h"
#include "inspect/decoders/xor_key.h"

namespace minescan::inspect::decoders {
namespace {

// More digits than any digest has, so that they may be bytes of an unknown kind.
constexpr std::size_t kShortestUnknown = 1024;
// More than the digests have that lock files are full of; a key proves the others.
constexpr std::size_t kShortestKeyed = 130;

bool is_hex(char c) { return hex_value(c) >= 0; }

std::string hex(std::string_view digits) {
  std::string bytes;
  bytes.reserve(digits.size() / 2);
  for (std::size_t i = 0; i + 2 <= digits.size(); i += 2) {
    bytes += static_cast<char>(hex_value(digits[i]) * 16 + hex_value(digits[i + 1]));
  }
  return bytes;
}

}  // namespace

std::size_t decode_hex(const Place& place, Found& found) {
  Span run = place.hit;
  // "0x" in front of it is no part of it.
  if (place.text[run.begin] == '0' && (place.text[run.begin + 1] | 0x20) == 'x') run.begin += 2;
  const std::string_view front = place.text.substr(run.begin, 24);
  if (front.size() < 20 || !std::all_of(front.begin(), front.begin() + 20, is_hex)) {
    return place.hit.begin;
  }
  if (!std::all_of(place.text.begin() + static_cast<std::ptrdiff_t>(run.begin),
                   place.text.begin() + static_cast<std::ptrdiff_t>(run.end), is_hex)) {
    return place.hit.begin;
  }
  if ((run.end - run.begin) % 2 != 0) {
    // At the end of what is looked at the other half of a byte may follow.
    if (run.end != place.text.size()) return run.end;
    --run.end;
  }
  Worth worth = worth_of(hex(front.substr(0, 20)));
  const bool guess = worth == Worth::unknown || worth == Worth::nothing;
  if (guess && (place.only_known || run.end - run.begin < 64)) return run.end;
  const Pieces pieces = gather(place.text, run);
  if (guess && pieces.end - run.begin < kShortestKeyed) return pieces.end;
  std::string digits = joined(place.text, pieces);
  if (!std::all_of(digits.begin(), digits.end(), is_hex)) return run.end;
  std::string bytes = hex(digits);
  worth = worth_of(bytes.substr(0, 512));
  if (worth == Worth::text && !is_text(bytes)) worth = Worth::unknown;
  if (worth == Worth::nothing) return pieces.end;
  Decoded decoded{.name = "hex",
                  .begin = run.begin,
                  .end = pieces.end,
                  .bytes = std::move(bytes),
                  .unknown = worth == Worth::unknown,
                  .cut = pieces.cut};
  if (decoded.unknown) append_unkeyed(decoded, found);
  if (decoded.unknown && digits.size() < kShortestUnknown) return pieces.end;
  found.push_back(std::move(decoded));
  return pieces.end;
}

}  // namespace minescan::inspect::decoders
