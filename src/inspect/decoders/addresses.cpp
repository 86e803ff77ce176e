// Addresses that were turned: //:pct+mutarts backwards, fgenghz+gpc:// by ROT13.

#include <array>

#include "inspect/decoders/base64.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kReach = 4096;

}  // namespace

std::size_t decode_addresses(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  const std::string_view rest = text.substr(mark);
  const bool backwards = rest.starts_with("//:ptth") || rest.starts_with("//:sptth") ||
                         rest.starts_with("//:pct") || rest.starts_with("//:lss") ||
                         rest.starts_with("//:slt");
  bool turned = false;
  if (rest.size() > 3 && rest.substr(1, 3) == "://") {
    const std::string_view before = text.substr(place.from, mark + 1 - place.from);
    turned = before.ends_with("uggc") || before.ends_with("uggcf") || before.ends_with("+gpc") ||
             before.ends_with("+ffy");
  }
  if (!backwards && !turned) return mark;
  const Span word = word_around(text, mark, place.from, kReach);
  const std::string_view hidden = part(text, word);
  found.push_back(
      {.name = backwards ? "reversed" : "rot13",
       .begin = word.begin,
       .end = word.end,
       .bytes = backwards ? std::string(hidden.rbegin(), hidden.rend()) : rot13(hidden)});
  return word.end;
}

}  // namespace minescan::inspect::decoders
