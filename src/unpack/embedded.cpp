#include "unpack/embedded.h"

#include <algorithm>

#include "base/anchors.h"
#include "unpack/formats/all.h"

namespace minescan::unpack {
namespace {

// The beginnings of the magics that recognise() of these formats looks for.
constexpr std::array<Anchor, 4> kAnchors{{
    {.bytes = {0x50, 0xed, 0x55, 0xba}, .pair = 1},
    {.bytes = {'_', '_', 'C', 'L'}, .pair = 1},
    {.bytes = {'C', 'C', 'O', 'B'}, .pair = 2},
    {.bytes = {0x10, 0xff, 0x10, 0xad}, .pair = 1},
}};
const Format* const kEmbedded[] = {&kFatbin, &kOffloadBundle, &kCcob, &kOffloadPackage};

}  // namespace

std::optional<std::uint64_t> find_embedded(ByteView window, std::size_t from) {
  for (auto at = find_anchor(window, from, kAnchors); at;
       at = find_anchor(window, *at + 1, kAnchors)) {
    const ByteView head = window.subspan(*at, std::min(kHeadBytes, window.size() - *at));
    for (const Format* format : kEmbedded) {
      if (format->recognise(head)) return *at;
    }
  }
  return std::nullopt;
}

}  // namespace minescan::unpack
