#include "unpack/format.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "unpack/fields.h"
#include "unpack/formats/all.h"
#include "unpack/inflater.h"

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

// Disk images and file systems.  What lies in them uncompressed and in one piece is matched as it
// passes, as bytes of unknown purpose.
bool is_qcow(ByteView head) {
  const std::uint32_t version = big32(head, 4);
  return begins(head, "QFI\xfb"sv) && version >= 1 && version <= 3;
}

bool is_vmdk(ByteView head) {
  const auto version = little_at<std::uint32_t>(head, 4);
  return begins(head, "KDMV"sv) && version >= 1 && version <= 3;
}

bool is_vhdx(ByteView head) { return begins(head, "vhdxfile"sv); }

bool is_luks(ByteView head) {
  return begins(head, "LUKS\xba\xbe\0\1"sv) || begins(head, "LUKS\xba\xbe\0\2"sv);
}

constexpr std::size_t kSuperblock = 1024;  // of ext, EROFS and F2FS: behind room for a loader

// ext2, 3 and 4: numbers of inodes and blocks, the first block, the size of blocks, magic, state,
// what to do after errors, revision.
bool is_ext(ByteView head) {
  const auto number = [&](std::size_t at) {
    return little_at<std::uint32_t>(head, kSuperblock + at);
  };
  const auto half = [&](std::size_t at) {
    return little_at<std::uint16_t>(head, kSuperblock + at);
  };
  return half(56) == 0xef53 && number(0) != 0 && number(4) != 0 && number(20) <= 1 &&
         number(24) <= 6 && half(58) <= 7 && half(60) <= 3 && number(76) <= 1;
}

bool is_erofs(ByteView head) {
  const auto block_bits = little_at<std::uint8_t>(head, kSuperblock + 12);
  return little_at<std::uint32_t>(head, kSuperblock) == 0xe0f5e1e2 && block_bits >= 9 &&
         block_bits <= 16;
}

bool is_f2fs(ByteView head) {
  const auto sector_bits = little_at<std::uint32_t>(head, kSuperblock + 8);
  return little_at<std::uint32_t>(head, kSuperblock) == 0xf2f52010 && sector_bits >= 9 &&
         sector_bits <= 16;
}

bool is_xfs(ByteView head) {
  const std::uint32_t block = big32(head, 4);
  return begins(head, "XFSB"sv) && block >= 512 && block <= 65'536 && (block & (block - 1)) == 0;
}

bool is_cramfs(ByteView head) {
  return (begins(head, "\x45\x3d\xcd\x28"sv) || begins(head, "\x28\xcd\x3d\x45"sv)) &&
         as_text(head).substr(0, 32).substr(std::min<std::size_t>(head.size(), 16)) ==
             "Compressed ROMFS"sv;
}

// Archivers that distributions still have.
bool is_lrzip(ByteView head) { return begins(head, "LRZI\0"sv) && head.size() > 24; }

bool is_zpaq(ByteView head) {
  constexpr std::size_t kMark = 13;  // in front of a block, so that it is found again
  if (begins(head, "7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3"sv)) head = head.subspan(kMark);
  return begins(head, "zPQ\1\1"sv) || begins(head, "zPQ\2\1"sv);
}

bool is_zoo(ByteView head) {
  return begins(head, "ZOO "sv) && little_at<std::uint32_t>(head, 20) == 0xfdc4a7dc;
}

// The size of the first header, which its checksum follows.
bool is_arj(ByteView head) {
  constexpr std::size_t kFront = 4, kLeast = 30, kMost = 2'600;
  const std::size_t size = little_at<std::uint16_t>(head, 2);
  if (!begins(head, "\x60\xea"sv) || size < kLeast || size > kMost) return false;
  const auto header = Reader(head).slice(kFront, size);
  return header && crc32(0, *header) == little_at<std::uint32_t>(head, kFront + size);
}

constexpr Format kQcow{.name = "qcow", .recognise = is_qcow};
constexpr Format kVmdk{.name = "vmdk", .recognise = is_vmdk};
constexpr Format kVhdx{.name = "vhdx", .recognise = is_vhdx};
constexpr Format kLuks{.name = "luks", .recognise = is_luks};
constexpr Format kExt{.name = "ext", .recognise = is_ext};
constexpr Format kErofs{.name = "erofs", .recognise = is_erofs};
constexpr Format kF2fs{.name = "f2fs", .recognise = is_f2fs};
constexpr Format kXfs{.name = "xfs", .recognise = is_xfs};
constexpr Format kCramfs{.name = "cramfs", .recognise = is_cramfs};
constexpr Format kLrzip{.name = "lrzip", .recognise = is_lrzip};
constexpr Format kZpaq{.name = "zpaq", .recognise = is_zpaq};
constexpr Format kZoo{.name = "zoo", .recognise = is_zoo};
constexpr Format kArj{.name = "arj", .recognise = is_arj};
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
    &kXz,       &kLzip,      &kZip,           &kAr,
    &kRpm,      &k7z,        &kRar,           &kCab,
    &kNsis,     &kInno,      &kSquashfs,      &kBigEndianSquashfs,
    &kXar,      &kLzop,      &kWim,           &kIso,
    &kZisofs,   &kFatbin,    &kOffloadBundle, &kOffloadPackage,
    &kCcob,     &kNodeSea,   &kAsar,          &kBzip2,
    &kZstd,     &kLz4,       &kGzip,          &kTar,
    &kCpio,     &kGitObject, &kGitPack,       &kLha,
    &kCompress, &kQcow,      &kVmdk,          &kVhdx,
    &kLuks,     &kXfs,       &kCramfs,        &kLrzip,
    &kZpaq,     &kZoo,       &kArj,           &kZlib,
    &kLzma,     &kBrotli,    &kExt,           &kErofs,
    &kF2fs,
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
