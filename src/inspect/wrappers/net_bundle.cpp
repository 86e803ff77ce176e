#include "inspect/wrappers/net_bundle.h"

#include <algorithm>

#include "base/reader.h"

namespace minescan::inspect::wrappers {
namespace {

constexpr std::uint32_t kNewestMajor = 16;  // 6 since .NET 6
constexpr std::uint32_t kMostFiles = 100'000;
constexpr std::uint64_t kLongestName = 4096;
constexpr std::uint64_t kMostOfOne = std::uint64_t{128} << 20;

// Seven bits a byte, the lowest first (BinaryReader.ReadString).
std::optional<std::string_view> read_string(Reader& reader) {
  std::uint64_t size = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const auto byte = reader.little<std::uint8_t>();
    if (!byte) return std::nullopt;
    size |= static_cast<std::uint64_t>(*byte & 0x7fU) << shift;
    if ((*byte & 0x80U) != 0) continue;
    if (size > kLongestName) return std::nullopt;
    const auto text = reader.take(size);
    return text ? std::optional(as_text(*text)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

bool unpack_net_bundle(const Wrapped& block, std::size_t mark, Parts& parts) {
  constexpr std::size_t kPosition = 8;
  if (mark < kPosition) return false;
  Reader reader(block.bytes);
  reader.seek(mark - kPosition);
  const std::uint64_t at = reader.little<std::uint64_t>().value_or(0);
  if (at == 0) return false;
  if (at < block.offset || !reader.seek(at - block.offset)) {
    parts.limit(".NET: its bundle is not within one block");
    return true;
  }
  const auto major = reader.little<std::uint32_t>();
  const auto minor = reader.little<std::uint32_t>();
  const auto count = reader.little<std::uint32_t>();
  if (!major || !minor || !count || *major == 0 || *major > kNewestMajor || *count > kMostFiles ||
      !read_string(reader)) {
    return false;
  }
  constexpr std::uint64_t kPlacesAndFlags = 40;
  if (*major >= 2 && !reader.take(kPlacesAndFlags)) return false;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto offset = reader.little<std::uint64_t>();
    const auto size = reader.little<std::uint64_t>();
    const auto packed =
        *major >= 6 ? reader.little<std::uint64_t>() : std::optional(std::uint64_t{0});
    const auto type = reader.little<std::uint8_t>();
    const auto name = read_string(reader);
    if (!offset || !size || !packed || !type || !name) {
      parts.limit(".NET: the manifest of its bundle is broken");
      return true;
    }
    const std::uint64_t stored = *packed != 0 ? *packed : *size;
    const auto bytes = *offset < block.offset
                           ? std::nullopt
                           : Reader(block.bytes).slice(*offset - block.offset, stored);
    if (!bytes) {
      parts.limit(".NET: a file of its bundle is not within one block");
      return true;
    }
    const std::string step = part_name("net bundle", *name);
    const std::uint64_t end = *offset + stored;
    if (*packed == 0) {
      if (!parts.add(step, *offset, end, as_text(*bytes))) return true;
      continue;
    }
    const auto inflated = inflate(*bytes, std::min({*size, kMostOfOne, parts.room()}));
    if (!inflated) {
      parts.limit(".NET: a file of its bundle is not deflate");
      continue;
    }
    if (!parts.add(step, *offset, end, inflated->bytes, !inflated->whole)) return true;
  }
  return true;
}

}  // namespace minescan::inspect::wrappers
