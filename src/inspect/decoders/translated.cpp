// What a shell turns by thirteen letters: echo 'phey …' | tr 'A-Za-z' 'N-ZA-Mn-za-m'.

#include <algorithm>

#include "inspect/decoders/base64.h"
#include "inspect/decoders/decoder.h"

namespace minescan::inspect::decoders {
namespace {

// What is turned stands near, under a name or on the same line.
constexpr std::size_t kReach = std::size_t{32} << 10;
constexpr std::size_t kCommand = 24;

}  // namespace

std::size_t decode_translated(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t mark = place.hit.begin;
  std::string_view second = text.substr(std::min(text.size(), mark + 3), 7);
  if (second.starts_with("[")) second.remove_prefix(1);
  if (!second.starts_with("N-ZA-M") && !second.starts_with("n-za-m")) return mark;
  const std::size_t command = mark - std::min(mark, kCommand);
  if (text.substr(command, mark - command).find("tr ") == std::string_view::npos) return mark;
  const std::size_t begin = std::max(place.from, mark - std::min(mark, kReach));
  const std::size_t end = std::min(text.size(), mark + kReach);
  found.push_back({.name = "rot13",
                   .begin = begin,
                   .end = end,
                   .bytes = rot13(text.substr(begin, end - begin))});
  return end;
}

}  // namespace minescan::inspect::decoders
