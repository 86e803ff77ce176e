#pragma once
// Builds fat binaries and offload bundles byte by byte, so that tests can break any field of them.

#include <lz4.h>

#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "support/compressors.h"

namespace minescan::test {

inline std::string lz4_block(std::string_view text) {
  const auto size = static_cast<int>(text.size());
  std::string out(static_cast<std::size_t>(LZ4_compressBound(size)), '\0');
  const int made =
      LZ4_compress_default(text.data(), out.data(), size, static_cast<int>(out.size()));
  MINESCAN_CHECK(made > 0);
  out.resize(static_cast<std::size_t>(made));
  return out;
}

struct FatbinSpec {
  enum class Packing { none, lz4, zstd };
  std::uint16_t kind = 2;  // 1 PTX, 2 cubin, 8 LTO-IR
  std::uint32_t arch = 90;
  std::string body;
  Packing packing = Packing::none;
  std::string source;  // path of the source, as -lineinfo stores it
  std::uint64_t more_flags = 0;
  std::optional<std::uint64_t> payload_size;
  std::optional<std::uint32_t> packed_size;
  std::optional<std::uint64_t> size;
  std::optional<std::string> packed;  // instead of the body compressed
};

inline std::string to_eight(std::string bytes) {
  bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
  return bytes;
}

inline std::string fatbin_entry(const FatbinSpec& spec) {
  std::string stored = spec.body;
  std::uint64_t flags = 0x11 | spec.more_flags;
  const bool packing = spec.packing != FatbinSpec::Packing::none;
  if (spec.packing == FatbinSpec::Packing::lz4) {
    stored = spec.packed.value_or(lz4_block(spec.body));
    flags |= 0x2000;
  } else if (packing) {
    stored = spec.packed.value_or(zstd(spec.body));
    flags |= 0x8000;
  }
  const std::string tail = to_eight(spec.source);
  const std::string payload = to_eight(stored);
  return little(spec.kind) + little(std::uint16_t{0x0101}) +
         little(static_cast<std::uint32_t>(64 + tail.size())) +
         little(spec.payload_size.value_or(payload.size())) +
         little(spec.packed_size.value_or(packing ? static_cast<std::uint32_t>(stored.size())
                                                  : std::uint32_t{0})) +
         little(std::uint32_t{0}) + little(std::uint16_t{8}) + little(std::uint16_t{1}) +
         little(spec.arch) + little(std::uint32_t{spec.source.empty() ? 0U : 64U}) +
         little(static_cast<std::uint32_t>(spec.source.size())) + little(flags) +
         little(std::uint64_t{0}) + little(spec.size.value_or(packing ? spec.body.size() : 0)) +
         tail + payload;
}

inline std::string fatbin_around(const std::string& entries,
                                 std::optional<std::uint64_t> size = std::nullopt) {
  return "\x50\xed\x55\xba" + little(std::uint16_t{1}) + little(std::uint16_t{16}) +
         little(size.value_or(entries.size())) + entries;
}

inline std::string fatbin(const std::vector<FatbinSpec>& specs) {
  std::string entries;
  for (const FatbinSpec& spec : specs) entries += fatbin_entry(spec);
  return fatbin_around(entries);
}

struct BundleSpec {
  std::string name;
  std::string body;
  std::optional<std::uint64_t> offset;
  std::optional<std::uint64_t> size;
};

inline std::string offload_bundle(const std::vector<BundleSpec>& specs, std::uint64_t align = 64) {
  std::uint64_t at = 32;
  for (const BundleSpec& spec : specs) at += 24 + spec.name.size();
  std::string table = "__CLANG_OFFLOAD_BUNDLE__" + little(std::uint64_t{specs.size()});
  std::string bodies;
  for (const BundleSpec& spec : specs) {
    const std::uint64_t padding = (align - (at + bodies.size()) % align) % align;
    bodies.append(static_cast<std::size_t>(padding), '\0');
    table += little(spec.offset.value_or(at + bodies.size())) +
             little(spec.size.value_or(spec.body.size())) +
             little(std::uint64_t{spec.name.size()}) + spec.name;
    bodies += spec.body;
  }
  return table + bodies;
}

// `method`: 0 zlib, 1 zstd.  The hash is not looked at.
inline std::string ccob(unsigned version, std::uint16_t method, const std::string& packed,
                        std::uint64_t size) {
  std::string head = "CCOB" + little(static_cast<std::uint16_t>(version)) + little(method);
  const std::string hash(8, 'h');
  if (version == 3)
    return head + little(std::uint64_t{32 + packed.size()}) + little(size) + hash + packed;
  if (version == 2) head += little(static_cast<std::uint32_t>(24 + packed.size()));
  return head + little(static_cast<std::uint32_t>(size)) + hash + packed;
}

inline std::string offload_package(const std::string& arch, const std::string& image,
                                   std::uint16_t kind = 1) {
  const std::string texts = to_eight(std::string("arch\0", 5) + arch + '\0');
  const std::uint64_t strings = 72;
  const std::uint64_t text_at = strings + 16;
  const std::uint64_t image_at = text_at + texts.size();
  const std::uint64_t size = image_at + to_eight(image).size();
  return "\x10\xff\x10\xad" + little(std::uint32_t{1}) + little(size) + little(std::uint64_t{32}) +
         little(std::uint64_t{40}) + little(kind) + little(std::uint16_t{3}) +
         little(std::uint32_t{0}) + little(strings) + little(std::uint64_t{1}) + little(image_at) +
         little(std::uint64_t{image.size()}) + little(text_at) + little(text_at + 5) + texts +
         to_eight(image);
}

}  // namespace minescan::test
