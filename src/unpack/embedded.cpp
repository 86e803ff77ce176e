#include "unpack/embedded.h"

#include <algorithm>

#include "base/anchors.h"
#include "base/reader.h"
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

namespace {

// The four bytes of a zip's magic are in everything that reads zips; a header that makes sense is
// not: a version and method that exist, a time, and a name that is text.
bool is_sure_zip(ByteView head) {
  if (!kZip.recognise(head) || head.size() < zip::kLocalBytes) return false;
  Reader reader(head.subspan(4));
  const auto next = [&] { return *reader.little<std::uint16_t>(); };
  const unsigned version = next() & 0xffU;
  const unsigned flags = next();
  const unsigned method = next();
  next();  // a time
  const unsigned date = next();
  reader.take(12);
  const std::size_t name = next();
  constexpr unsigned kKnownFlags = 0x0fff, kNewest = 63;
  constexpr std::size_t kLongestName = 512;
  constexpr std::array<unsigned, 9> kMethods{0, 8, 9, 12, 14, 93, 95, 98, 99};
  const unsigned month = date >> 5 & 15, day = date & 31;
  if (version > kNewest || (flags & ~kKnownFlags) != 0 || name == 0 || name > kLongestName ||
      std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    return false;
  }
  // Who wants the same bytes every time writes no date.
  if (date != 0 && (month == 0 || month > 12 || day == 0)) return false;
  const ByteView rest = head.subspan(zip::kLocalBytes);
  if (rest.size() < name) return false;
  return std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(name),
                     [](std::byte byte) { return byte >= std::byte{0x20}; });
}

}  // namespace

bool is_sure(ByteView head) {
  if (is_sure_zip(head)) return true;
  return std::any_of(std::begin(kSure), std::end(kSure),
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
