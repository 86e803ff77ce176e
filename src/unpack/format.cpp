#include "unpack/format.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "unpack/fields.h"
#include "unpack/formats/all.h"

namespace minescan::unpack {
namespace {

using namespace std::string_view_literals;

bool begins(ByteView head, std::string_view magic) { return as_text(head).starts_with(magic); }

std::uint32_t big32(ByteView head, std::size_t at) {
  const auto bytes = Reader(head).slice(at, 4);
  return bytes ? Reader(*bytes).big<std::uint32_t>().value_or(0) : 0;
}

bool is_7z(ByteView head) { return begins(head, "7z\xbc\xaf\x27\x1c"sv); }

bool is_rar(ByteView head) {
  return begins(head, "Rar!\x1a\x07\x00"sv) || begins(head, "Rar!\x1a\x07\x01\x00"sv);
}

// [MS-CAB] 2.1: a reserved field of 0 follows the signature, the version at 24 is 1.3.
bool is_cab(ByteView head) {
  return begins(head, "MSCF\0\0\0\0"sv) && (little_at<std::uint32_t>(head, 24) & 0xffff) == 0x0103;
}

// squashfs in the other byte order, which Linux has not read since version 4.0 (at 28).
bool is_big_endian_squashfs(ByteView head) {
  return begins(head, "sqsh"sv) && big32(head, 28) == 0x00040000;
}

// The header is 28 bytes (or more with a named checksum) and its version 1.
bool is_xar(ByteView head) {
  const std::uint32_t sizes = big32(head, 4);
  return begins(head, "xar!"sv) && (sizes >> 16) >= 28 && (sizes & 0xffff) == 1;
}

// Methods -lh0- … -lh7-, -lhd-, -lz4- …; header level 0 to 3 at 20.
bool is_lha(ByteView head) {
  if (head.size() < 22) return false;
  const std::string_view method = as_text(head).substr(2, 5);
  return (method.starts_with("-lh") || method.starts_with("-lz")) && method[4] == '-' &&
         std::to_integer<unsigned>(head[20]) <= 3;
}

// compress(1): 9 to 16 bits, the two bits between flags and bits unused, and since a stream begins
// with a literal, the ninth bit of the first code is 0.
bool is_compress(ByteView head) {
  if (head.size() < 5 || !begins(head, "\x1f\x9d"sv)) return false;
  const auto flags = std::to_integer<unsigned>(head[2]);
  return (flags & 0x60) == 0 && (flags & 0x1f) >= 9 && (flags & 0x1f) <= 16 &&
         (head[4] & std::byte{1}) == std::byte{0};
}

bool is_lzop(ByteView head) { return begins(head, "\x89LZO\0\r\n\x1a\n"sv); }

bool is_wim(ByteView head) { return begins(head, "MSWIM\0\0\0"sv); }

// The first header of NSIS: flags, 0xdeadbeef, a name, bytes of its header unpacked and of all that
// follows.  Not compared as one text, which would make minescan one.
bool is_nsis(ByteView head) {
  constexpr std::uint32_t kMostFlags = 15, kLeast = 28;
  return head.size() >= kLeast && little_at<std::uint32_t>(head, 0) <= kMostFlags &&
         little_at<std::uint32_t>(head, 4) == 0xdeadbeef &&
         as_text(head).substr(8, 12) == "NullsoftInst"sv &&
         little_at<std::uint32_t>(head, 20) != 0 && little_at<std::uint32_t>(head, 24) >= kLeast;
}

// Inno Setup's data, which begins with a packed chunk or with a slice of a disk.
bool is_inno(ByteView head) { return begins(head, "zlb\x1a"sv) || begins(head, "idska32\x1a"sv); }

constexpr Format kInno{.name = "inno-setup", .recognise = is_inno};
constexpr Format k7z{.name = "7z", .recognise = is_7z};
constexpr Format kRar{.name = "rar", .recognise = is_rar};
constexpr Format kCab{.name = "cab", .recognise = is_cab};
constexpr Format kBigEndianSquashfs{.name = "squashfs-be", .recognise = is_big_endian_squashfs};
constexpr Format kXar{.name = "xar", .recognise = is_xar};
constexpr Format kLzop{.name = "lzop", .recognise = is_lzop};
constexpr Format kWim{.name = "wim", .recognise = is_wim};
constexpr Format kLha{.name = "lha", .recognise = is_lha};
constexpr Format kCompress{.name = "compress", .recognise = is_compress};

}  // namespace

const Format kNsis{.name = "nsis", .recognise = is_nsis};

namespace {

// The one table.  Most specific magic first; what is recognised by plausibility comes last.
const Format* const kFormats[] = {
    &kXz,     &kLzip,      &kZip,           &kAr,
    &kRpm,    &k7z,        &kRar,           &kCab,
    &kNsis,   &kInno,      &kSquashfs,      &kBigEndianSquashfs,
    &kXar,    &kLzop,      &kWim,           &kIso,
    &kZisofs, &kFatbin,    &kOffloadBundle, &kOffloadPackage,
    &kCcob,   &kNodeSea,   &kAsar,          &kBzip2,
    &kZstd,   &kLz4,       &kGzip,          &kTar,
    &kCpio,   &kGitObject, &kLha,           &kCompress,
    &kZlib,   &kLzma,      &kBrotli,
};

}  // namespace

bool MemberSink::on_stray(Source& bytes) {
  for (ByteView some = bytes.peek(1); !some.empty(); some = bytes.peek(1)) {
    on_bytes(some);
    bytes.skip(some.size());
  }
  return true;
}

const Format* recognise(ByteView head) {
  head = head.first(std::min(head.size(), kHeadBytes));
  for (const Format* format : kFormats) {
    if (format->recognise(head)) return format;
  }
  return nullptr;
}

const Format* guess_by_name(std::string_view name) {
  constexpr std::string_view kEnding = ".br";
  if (name.size() < kEnding.size()) return nullptr;
  return lower(name.substr(name.size() - kEnding.size())) == kEnding ? &kBrotli : nullptr;
}

const Format* format_by_name(std::string_view name) {
  for (const Format* format : kFormats) {
    if (format->name == name) return format;
  }
  return nullptr;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const Format* format : kFormats) names.push_back(format->name);
  return names;
}

}  // namespace minescan::unpack
