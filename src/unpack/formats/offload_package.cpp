// What LLVM's offload packager writes into .llvm.offloading (LLVM's OffloadBinary.h, version 1): a
// header, one entry, a table of keys and values such as "arch" and "gfx906", and an image.

#include <algorithm>
#include <array>

#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::string_view kMagic = "\x10\xff\x10\xad";
constexpr std::size_t kHeader = 32;
constexpr std::size_t kEntry = 40;
constexpr std::uint32_t kVersion = 1;
// Entry and strings come before the image and take a few hundred bytes.
constexpr std::uint64_t kLargestTable = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostStrings = 1000;
constexpr std::size_t kLongestName = 200;
// Of ImageKind: none, object, bitcode, cubin, fat binary, PTX.
constexpr std::array<std::string_view, 6> kSuffixes = {"bin", "o", "bc", "cubin", "fatbin", "ptx"};

// Offsets are from the magic.
struct Package {
  std::uint64_t size = 0;
  std::uint64_t entry = 0;
  std::uint16_t image_kind = 0;
  std::uint64_t strings = 0;
  std::uint64_t string_count = 0;
  std::uint64_t image = 0;
  std::uint64_t image_size = 0;
};

// From bytes that hold header and entry.
std::optional<Package> read_package(ByteView bytes) {
  Reader reader(bytes);
  const auto magic = reader.take(kMagic.size());
  const auto version = reader.little<std::uint32_t>();
  const auto size = reader.little<std::uint64_t>();
  const auto entry = reader.little<std::uint64_t>();
  const auto entry_size = reader.little<std::uint64_t>();
  if (!magic || as_text(*magic) != kMagic || version != kVersion || !entry_size) {
    return std::nullopt;
  }
  if (*entry < kHeader || *entry > kLargestTable || *entry_size < kEntry || !reader.seek(*entry)) {
    return std::nullopt;
  }
  const auto image_kind = reader.little<std::uint16_t>();
  static_cast<void>(reader.little<std::uint16_t>());  // who offloads: OpenMP, CUDA, HIP
  static_cast<void>(reader.little<std::uint32_t>());  // flags
  const auto strings = reader.little<std::uint64_t>();
  const auto string_count = reader.little<std::uint64_t>();
  const auto image = reader.little<std::uint64_t>();
  const auto image_size = reader.little<std::uint64_t>();
  if (!image_size) return std::nullopt;
  const bool fits = *image <= *size && *image_size <= *size - *image && *image >= kHeader;
  if (!fits || *strings > *size || *string_count > kMostStrings) return std::nullopt;
  return Package{.size = *size,
                 .entry = *entry,
                 .image_kind = *image_kind,
                 .strings = *strings,
                 .string_count = *string_count,
                 .image = *image,
                 .image_size = *image_size};
}

bool recognise(ByteView head) { return read_package(head).has_value(); }

std::string_view text_at(ByteView bytes, std::uint64_t offset) {
  if (offset >= bytes.size()) return {};
  return up_to_nul(as_text(bytes.subspan(static_cast<std::size_t>(offset))));
}

// "gfx906.o"; without an "arch" the triple says what the image is for.
std::string name_of(const Package& package, ByteView bytes) {
  std::string_view arch;
  std::string_view triple;
  Reader reader(bytes);
  if (reader.seek(package.strings)) {
    for (std::uint64_t i = 0; i < package.string_count; ++i) {
      const auto key = reader.little<std::uint64_t>();
      const auto value = reader.little<std::uint64_t>();
      if (!key || !value) break;
      if (text_at(bytes, *key) == "arch") arch = text_at(bytes, *value);
      if (text_at(bytes, *key) == "triple") triple = text_at(bytes, *value);
    }
  }
  std::string name((arch.empty() ? triple : arch).substr(0, kLongestName));
  if (name.empty()) name = "image";
  const std::size_t suffix = package.image_kind < kSuffixes.size() ? package.image_kind : 0;
  return name + "." + std::string(kSuffixes[suffix]);
}

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  Walk walk("offload package", container, limits, sink);
  auto package = read_package(walk.peek(kHeader + kEntry));
  if (!package) package = read_package(walk.peek(kLargestTable + kEntry));
  if (!package) {
    walk.gap(GapReason::decode_corrupt, "offload package has a header that breaks its rules", 0);
    walk.own(kMagic.size());
    return;
  }
  const std::uint64_t table = std::min(package->image, kLargestTable);
  const std::string name = name_of(*package, walk.peek(static_cast<std::size_t>(table)));
  walk.own(package->image);
  BoundedSource body(walk.container(), package->image_size);
  if (!walk.member({.name = name}, body)) return;
  // Nothing but padding belongs behind it, whatever the header says.
  const std::uint64_t behind = package->size - package->image - package->image_size;
  walk.own(std::min<std::uint64_t>(behind, padding(package->image_size, 8)));
}

}  // namespace

const Format kOffloadPackage{
    .name = "offload-package", .recognise = recognise, .walk = walk, .parts_of_file = true};

}  // namespace minescan::unpack
