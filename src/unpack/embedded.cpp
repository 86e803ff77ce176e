#include "unpack/embedded.h"

#include <algorithm>

#include "base/anchors.h"
#include "unpack/formats/all.h"
#include "unpack/formats/zip_records.h"

namespace minescan::unpack {
namespace {

// Parts of the magics that recognise() of these formats looks for.
constexpr std::array<Anchor, 11> kAnchors{
    Anchor{0x50, 0xed, 0x55, 0xba}, Anchor{'D', '_', 'B', 'U'},  Anchor{'C', 'C', 'O', 'B'},
    Anchor{0x10, 0xff, 0x10, 0xad}, Anchor{0xfd, '7', 'z', 'X'}, Anchor{0x28, 0xb5, 0x2f, 0xfd},
    Anchor{0x20, 0xda, 0x43, 0x01},  // of a blob of Node.js
    Anchor{'1', 'A', 'Y', '&'},      // behind "BZh9"
    Anchor{0x1f, 0x8b, 0x08, 0x00},  // of gzip, without the name of a file
    Anchor{'P', 'K', 0x03, 0x04},    // of zip
    Anchor{'C', 'D', '0', '0'},      // of ISO 9660, behind a byte
};

const auto& finder() {
  static const AnchorFinder kFinder(kAnchors);
  return kFinder;
}

constexpr std::size_t kInBundle = 14;  // where "D_BU" is in its magic
constexpr std::size_t kInBzip2 = 4;
constexpr std::size_t kInIso = 1;
const Format* const kSure[] = {&kFatbin,         &kOffloadBundle, &kCcob,
                               &kOffloadPackage, &kNodeSea,       &kIso};
const Format* const kStreams[] = {&kGzip, &kXz, &kZstd, &kBzip2};

// How far before an anchor's first byte its magic begins.
std::size_t before(std::byte first, std::byte second) {
  switch (std::to_integer<char>(first)) {
    case 'D':
      return kInBundle;
    case '1':
      return kInBzip2;
    case 'C':
      return second == std::byte{'D'} ? kInIso : 0;
    default:
      return 0;
  }
}

bool is_stream(ByteView head) {
  constexpr std::size_t kGzipHeader = 10;
  if (kGzip.recognise(head)) {
    // Flags that no packer sets are not zero in most of what only looks like it.
    if (head.size() < kGzipHeader) return false;
    const auto extra = std::to_integer<unsigned>(head[8]);
    const auto system = std::to_integer<unsigned>(head[9]);
    return (extra == 0 || extra == 2 || extra == 4) && (system <= 13 || system == 255);
  }
  return std::any_of(std::begin(kStreams), std::end(kStreams),
                     [&](const Format* format) { return format->recognise(head); });
}

}  // namespace

bool is_sure(ByteView head) {
  return zip::is_likely_local(head) ||
         std::any_of(std::begin(kSure), std::end(kSure),
                     [&](const Format* format) { return format->recognise(head); });
}

std::optional<std::uint64_t> find_embedded(ByteView window, std::size_t from) {
  for (auto at = finder().find(window, from); at; at = finder().find(window, *at + 1)) {
    const std::size_t back = before(window[*at], window[*at + 1]);
    if (*at < from + back) continue;
    const std::size_t begin = *at - back;
    const ByteView head = window.subspan(begin, std::min(kHeadBytes, window.size() - begin));
    if (is_sure(head) || is_stream(head)) return begin;
  }
  return std::nullopt;
}

}  // namespace minescan::unpack
