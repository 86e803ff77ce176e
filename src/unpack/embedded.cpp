#include "unpack/embedded.h"

#include <algorithm>

#include "base/anchors.h"
#include "base/reader.h"
#include "unpack/fields.h"
#include "unpack/formats/all.h"
#include "unpack/formats/zip_records.h"
#include "unpack/inflater.h"

namespace minescan::unpack {
namespace {

// Parts of the magics that recognise() of these formats looks for.
constexpr std::array<Anchor, 16> kAnchors{
    Anchor{0x50, 0xed, 0x55, 0xba}, Anchor{'D', '_', 'B', 'U'},  Anchor{'C', 'C', 'O', 'B'},
    Anchor{0x10, 0xff, 0x10, 0xad}, Anchor{0xfd, '7', 'z', 'X'}, Anchor{0x28, 0xb5, 0x2f, 0xfd},
    Anchor{0x20, 0xda, 0x43, 0x01},  // of a blob of Node.js
    Anchor{'1', 'A', 'Y', '&'},      // behind "BZh9"
    Anchor{0x1f, 0x8b, 0x08, 0x00},  // of gzip, without the name of a file
    Anchor{'P', 'K', 0x03, 0x04},    // of zip
    Anchor{'C', 'D', '0', '0'},      // of ISO 9660, behind a byte
    Anchor{'7', 'z', 0xbc, 0xaf},   Anchor{'R', 'a', 'r', '!'},  Anchor{'M', 'S', 'C', 'F'},
    Anchor{'P', 'A', 'C', 'K'},      // of git, behind the references of a bundle
    Anchor{0xef, 0xbe, 0xad, 0xde},  // of NSIS, behind its flags
};

const auto& finder() {
  static const AnchorFinder kFinder(kAnchors);
  return kFinder;
}

constexpr std::size_t kInBundle = 14;  // where "D_BU" is in its magic
constexpr std::size_t kInBzip2 = 4;
constexpr std::size_t kInIso = 1;
constexpr std::size_t kInNsis = 4;
const Format* const kSure[] = {&kFatbin,  &kOffloadBundle, &kCcob,   &kOffloadPackage,
                               &kNodeSea, &kIso,           &kGitPack};
const Format* const kStreams[] = {&kGzip, &kXz, &kZstd, &kBzip2};

// How far before an anchor's first byte its magic begins.
std::size_t before(std::byte first, std::byte second) {
  switch (std::to_integer<char>(first)) {
    case 'D':
      return kInBundle;
    case '1':
      return kInBzip2;
    case '\xef':
      return kInNsis;
    case 'C':
      return second == std::byte{'D'} ? kInIso : 0;
    default:
      return 0;
  }
}

bool sums_to(ByteView head, std::size_t at, std::size_t size, std::uint32_t sum) {
  const auto bytes = Reader(head).slice(at, size);
  return bytes && crc32(0, *bytes) == sum;
}

// Archives that nobody here reads, in self-extractors and installers.  Programs that read them have
// their magics too, so the headers behind these must be right.
bool is_unread_archive(ByteView head) {
  const std::string_view text = as_text(head);
  if (text.starts_with("7z\xbc\xaf\x27\x1c"))
    return sums_to(head, 12, 20, little_at<std::uint32_t>(head, 8));
  if (text.starts_with(std::string_view("Rar!\x1a\x07\x01\x00", 8))) {
    // A header's size is a number of up to three bytes; it counts what follows it.
    std::size_t size = 0, used = 0;
    for (bool more = true; more && used < 3 && 12 + used < head.size(); ++used) {
      const auto byte = std::to_integer<std::size_t>(head[12 + used]);
      size |= (byte & 0x7f) << (7 * used);
      more = (byte & 0x80) != 0;
    }
    return size != 0 && sums_to(head, 12, used + size, little_at<std::uint32_t>(head, 8));
  }
  if (text.starts_with(std::string_view("Rar!\x1a\x07\x00", 7))) {
    constexpr std::size_t kBlock = 7, kSum = 2, kSizeAt = 12;
    const std::size_t size = little_at<std::uint16_t>(head, kSizeAt);
    const auto block = Reader(head).slice(kBlock + kSum, size - std::min(size, kSum));
    return size > kBlock && block &&
           (crc32(0, *block) & 0xffff) == little_at<std::uint16_t>(head, kBlock);
  }
  if (text.starts_with(std::string_view("MSCF\0\0\0\0", 8))) {
    // [MS-CAB] 2.1: where the files are told, the version, and how many folders and files.
    const std::uint32_t size = little_at<std::uint32_t>(head, 8),
                        files_at = little_at<std::uint32_t>(head, 16);
    return little_at<std::uint32_t>(head, 12) == 0 && little_at<std::uint32_t>(head, 20) == 0 &&
           little_at<std::uint16_t>(head, 24) == 0x0103 && files_at >= 36 && files_at < size &&
           little_at<std::uint16_t>(head, 26) != 0 && little_at<std::uint16_t>(head, 28) != 0;
  }
  return kNsis.recognise(head);
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
  return zip::is_likely_local(head) || is_unread_archive(head) ||
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
