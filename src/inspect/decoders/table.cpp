#include <algorithm>
#include <array>

#include "inspect/decoders/decoder.h"
#include "inspect/decoders/names.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::decoders {
namespace {

using Decode = std::size_t (*)(const Place& place, Found& found);

// Of a run the first that knows it takes it: hex digits are also of the alphabet of base64, and
// decimal ones of that of hex.
constexpr std::array<Decode, 6> kRunDecoders = {decode_decimal, decode_uuids,  decode_hex,
                                                decode_base32,  decode_base58, decode_base64};

struct MarkDecoder {
  std::uint16_t kinds;
  Decode decode;
};
constexpr std::array<MarkDecoder, 16> kMarkDecoders = {{
    {mark_bit(MarkKind::join_plus) | mark_bit(MarkKind::join_space) | mark_bit(MarkKind::join_pair),
     decode_joined},
    {mark_bit(MarkKind::escape), decode_escapes},
    {mark_bit(MarkKind::escape), decode_percent},
    {mark_bit(MarkKind::numbers) | mark_bit(MarkKind::spaced_numbers), decode_numbers},
    {mark_bit(MarkKind::address), decode_addresses},
    {mark_bit(MarkKind::base64_name) | mark_bit(MarkKind::call) |
         mark_bit(MarkKind::spaced_numbers),
     decode_calls},
    {mark_bit(MarkKind::escape), decode_unescaped},
    {mark_bit(MarkKind::join_names), decode_join_of_names},
    {mark_bit(MarkKind::sum) | mark_bit(MarkKind::sum_of_php), decode_sum},
    {mark_bit(MarkKind::base64_name), decode_base64_words},
    {mark_bit(MarkKind::named), decode_named},
    {mark_bit(MarkKind::uuencoded), decode_uuencoded},
    {mark_bit(MarkKind::quoted), decode_quoted},
    {mark_bit(MarkKind::index), decode_index},
    {mark_bit(MarkKind::numbers), decode_format},
    {mark_bit(MarkKind::join_space), decode_translated},
}};

// Texts no longer than that, and no farther apart, are shown together.
constexpr std::size_t kShortText = 1024;

void join_neighbours(Found& found) {
  std::size_t kept = 0;
  // Asked once for each that is kept: looking through all that was put together so far for each
  // addition to it would take the square of the time.
  bool asked = false, last_is_text = false;
  for (std::size_t i = 1; i < found.size(); ++i) {
    Decoded& last = found[kept];
    Decoded& next = found[i];
    const bool near = next.begin >= last.end && next.begin - last.end <= kShortText;
    // The first of several decides by its length: what was put together may grow.
    if (near && next.name == last.name && !next.unknown && !last.unknown && !last.cut &&
        next.bytes.size() <= kShortText && last.bytes.size() < 64 * kShortText &&
        (last.bytes.size() <= kShortText || last.bytes.find('\n') != std::string::npos) &&
        is_text(next.bytes)) {
      if (!asked) last_is_text = is_text(last.bytes);
      asked = true;
    } else {
      last_is_text = false;
    }
    if (last_is_text) {
      last.bytes += '\n';
      last.bytes += next.bytes;
      last.end = next.end;
      continue;
    }
    asked = false;
    if (++kept != i) found[kept] = std::move(next);
  }
  if (!found.empty()) found.resize(kept + 1);
}

std::size_t decode_with_any(const Place& place, Found& found) {
  for (const Decode decode : kRunDecoders) {
    const std::size_t end = decode(place, found);
    if (end != place.hit.begin) return end;
  }
  return place.hit.end;
}

}  // namespace

void decode_text(std::string_view text, Found& found) {
  const std::size_t first = found.size();
  std::vector<Span> runs;
  std::vector<Mark> marks;
  std::size_t run_done = 0;
  std::array<std::size_t, kMarkDecoders.size()> done{};
  Names names(text);
  TriggerScan scan(text);
  while (scan.next(runs, marks)) {
    for (Span span : runs) {
      span.begin = std::max(span.begin, run_done);
      if (span.end < span.begin + kShortestRun) continue;
      run_done = decode_with_any({.text = text, .from = run_done, .hit = span}, found);
    }
    for (const Mark& mark : marks) {
      for (std::size_t i = 0; i < kMarkDecoders.size(); ++i) {
        if ((kMarkDecoders[i].kinds & mark.kinds) == 0 || mark.at < done[i]) continue;
        const Place place{
            .text = text, .from = done[i], .hit = {mark.at, mark.at}, .names = &names};
        const std::size_t end = kMarkDecoders[i].decode(place, found);
        if (end > mark.at) done[i] = end;
      }
    }
  }
  decode_spaced_hex(text, found);
  decode_carets(text, found);
  decode_packed_words(text, found);
  if (found.size() == first) return;
  Found mine(std::make_move_iterator(found.begin() + static_cast<std::ptrdiff_t>(first)),
             std::make_move_iterator(found.end()));
  found.resize(first);
  std::stable_sort(mine.begin(), mine.end(), [](const Decoded& a, const Decoded& b) {
    return a.name != b.name ? a.name < b.name : a.begin < b.begin;
  });
  join_neighbours(mine);
  std::stable_sort(mine.begin(), mine.end(),
                   [](const Decoded& a, const Decoded& b) { return a.begin < b.begin; });
  std::move(mine.begin(), mine.end(), std::back_inserter(found));
}

void decode_run(std::string_view text, Found& found) {
  Span span;
  while (span.end < text.size() && in_base64_alphabet(text[span.end])) ++span.end;
  if (span.end < kShortestRun) return;
  decode_with_any({.text = text, .hit = span, .only_known = true}, found);
}

}  // namespace minescan::inspect::decoders
