// What decoders found in texts, as nodes below them.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/printable.h"
#include "base/source.h"
#include "examine/examination.h"
#include "examine/trial.h"
#include "inspect/decoders/worth.h"
#include "unpack/raw_deflate.h"

namespace minescan::examine {
namespace {

// Bytes of MD5, SHA-1 and the forms of SHA-2.
constexpr bool is_digest_size(std::size_t bytes) {
  return bytes == 16 || bytes == 20 || bytes == 28 || bytes == 32 || bytes == 48 || bytes == 64;
}

// Bytes of no known kind are matched once, up to so many in a file; they are guesses, so no gap
// says that there were more.
constexpr std::uint64_t kUnknownBytes = std::uint64_t{4} << 20;

// What such bytes inflate to is looked at up to so many.
constexpr std::size_t kInflated = std::size_t{8} << 20;

bool is_turn(std::string_view decoder) {
  return decoder == "reversed" || decoder == "rot13" || decoder.starts_with("letters moved");
}

}  // namespace

void Examination::derived_gap(const Place& place, GapReason reason, std::string detail,
                              std::uint64_t bytes) {
  if (place.decoding->told) return;
  place.decoding->told = true;
  recorder_.gap(
      {.trail = place.trail, .reason = reason, .detail = std::move(detail), .bytes = bytes});
}

void Examination::derived(const Place& place, const Trail& trail, ViewKind kind,
                          std::vector<inspect::Decoded>& found) {
  for (const inspect::Decoded& decoded : found) {
    if (stopped_) return;
    if (place.turned && is_turn(decoded.name)) continue;
    derived_node(place, trail, kind, decoded);
  }
}

void Examination::derived_node(const Place& place, const Trail& trail, ViewKind kind,
                               const inspect::Decoded& decoded) {
  Decoding& file = *place.decoding;
  const ByteView bytes = as_bytes(decoded.bytes);
  const unpack::Format* format =
      unpack::recognise(bytes.first(std::min(bytes.size(), unpack::kHeadBytes)));
  const bool container = format != nullptr && holds(*format, bytes, limits_);
  if (decoded.unknown && !container && !is_digest_size(bytes.size()) &&
      file.bytes < limits_.derived_file_bytes) {
    if (auto inflated = unpack::inflate_all(bytes, kInflated)) {
      file.bytes += inflated->bytes.size();
      derived_ += inflated->bytes.size();
      // Random bytes inflate too, once in a great many; hardly ever to a text.
      if (inspect::decoders::is_text(inflated->bytes)) {
        derived_node(place, trail, kind,
                     {.name = decoded.name + ", deflate",
                      .begin = decoded.begin,
                      .end = decoded.end,
                      .line = decoded.line,
                      .column = decoded.column,
                      .bytes = std::move(inflated->bytes),
                      .cut = inflated->cut});
        return;
      }
    }
  }
  if (decoded.unknown && !container) {
    // Digests: lock files hold tens of thousands.
    if (is_digest_size(bytes.size())) return;
    if (file.unknown + bytes.size() > kUnknownBytes || place.decoders >= limits_.decoder_depth)
      return;
    file.unknown += bytes.size();
  }
  if (place.decoders >= limits_.decoder_depth) {
    derived_gap(place, GapReason::limit_depth,
                "decoded more than " + std::to_string(limits_.decoder_depth) + " times in a row",
                bytes.size());
    return;
  }
  if (file.parts >= limits_.derived_per_file) {
    derived_gap(place, GapReason::limit_entries, "more decoded parts than a file may have",
                bytes.size());
    return;
  }
  if (file.bytes + bytes.size() > limits_.derived_file_bytes + 8 * file.seen ||
      derived_ + bytes.size() > limits_.derived_unit_bytes) {
    derived_gap(place, GapReason::limit_bytes, "more decoded bytes than a file or unit may have",
                bytes.size());
    return;
  }
  if (!decoded.unknown) ++file.parts;
  file.bytes += bytes.size();
  derived_ += bytes.size();
  const std::string where = decoded.line != 0 ? "line " + std::to_string(decoded.line) + ":" +
                                                    std::to_string(decoded.column)
                                              : "@" + hexadecimal(decoded.begin);
  const Place inside{
      .trail = trail / Step{Step::Kind::offset, where} / Step{Step::Kind::decoder, decoded.name},
      .name = place.name,
      .depth = place.depth + 1,
      .decoders = place.decoders + 1,
      .turned = place.turned || is_turn(decoded.name),
      .plain = !container,
      .decoding = place.decoding,
      .held = place.held,
      .within = kind};
  if (decoded.cut && !decoded.unknown) {
    recorder_.gap({.trail = inside.trail,
                   .reason = GapReason::limit_bytes,
                   .detail = "too long to be decoded at once; only its begin was",
                   .offset = bytes.size()});
  }
  MemorySource source(bytes);
  node(source, inside);
}

}  // namespace minescan::examine
