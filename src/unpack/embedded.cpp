#include "unpack/embedded.h"

#include <algorithm>

#include "base/anchors.h"
#include "unpack/formats/all.h"

namespace minescan::unpack {
namespace {

// Parts of the magics that recognise() of these formats looks for.
constexpr std::array<Anchor, 5> kAnchors{
    Anchor{0x50, 0xed, 0x55, 0xba}, Anchor{'D', '_', 'B', 'U'},     Anchor{'C', 'C', 'O', 'B'},
    Anchor{0x10, 0xff, 0x10, 0xad}, Anchor{0x20, 0xda, 0x43, 0x01},
};
constexpr std::size_t kInBundle = 14;  // where "D_BU" is in its magic
const Format* const kEmbedded[] = {&kFatbin, &kOffloadBundle, &kCcob, &kOffloadPackage, &kNodeSea};

}  // namespace

std::optional<std::uint64_t> find_embedded(ByteView window, std::size_t from) {
  for (auto at = find_anchor(window, from, kAnchors); at;
       at = find_anchor(window, *at + 1, kAnchors)) {
    std::size_t begin = *at;
    if (window[begin] == std::byte{'D'}) {
      if (begin < from + kInBundle) continue;
      begin -= kInBundle;
    }
    const ByteView head = window.subspan(begin, std::min(kHeadBytes, window.size() - begin));
    for (const Format* format : kEmbedded) {
      if (format->recognise(head)) return begin;
    }
  }
  return std::nullopt;
}

}  // namespace minescan::unpack
