#include "inspect/packers/upx.h"

#include <algorithm>

#include "base/reader.h"
#include "inspect/packers/upx_parts.h"

namespace minescan::inspect::packers {

std::optional<UpxRecord> upx_record_at(ByteView bytes, std::size_t offset) {
  const auto record = Reader(bytes).slice(offset, UpxRecord::kSize);
  if (!record) return std::nullopt;
  unsigned sum = 0;
  for (const std::byte byte : record->subspan(4, 27)) sum += std::to_integer<unsigned>(byte);
  if (sum % 251 != std::to_integer<unsigned>((*record)[31])) return std::nullopt;
  Reader reader(*record);
  UpxRecord result{.offset = offset};
  result.marked = as_text(*reader.take(4)) == kUpxMark;
  const std::uint8_t version = *reader.little<std::uint8_t>();
  const std::uint8_t format = *reader.little<std::uint8_t>();
  result.method = Method{*reader.little<std::uint8_t>()};
  const std::uint8_t level = *reader.little<std::uint8_t>();
  // Formats from 128 on are big-endian and have the same fields in another order.
  const bool big_endian = format >= 128;
  const auto next = [&] {
    return big_endian ? *reader.big<std::uint32_t>() : *reader.little<std::uint32_t>();
  };
  if (big_endian) {
    result.unpacked_size = next();
    result.packed_size = next();
    result.unpacked_sum = next();
    next();
  } else {
    result.unpacked_sum = next();
    next();
    result.unpacked_size = next();
    result.packed_size = next();
  }
  result.file_size = next();
  result.filter = *reader.little<std::uint8_t>();
  result.filter_value = *reader.little<std::uint8_t>();
  // Versions that wrote programs which still run; UPX has 45 formats of either byte order.
  const bool right = version >= 10 && version <= 20 && (format & 0x7f) >= 1 &&
                     (format & 0x7f) <= 60 && level <= 10 && !method_name(result.method).empty() &&
                     result.packed_size != 0 && result.packed_size <= result.unpacked_size;
  if (!right) return std::nullopt;
  return result;
}

std::uint32_t adler32(ByteView bytes) {
  constexpr std::uint32_t kPrime = 65521;  // RFC 1950
  constexpr std::size_t kStep = 5552;      // sums of so many bytes fit into 32 bits
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  while (!bytes.empty()) {
    const ByteView part = bytes.first(std::min(bytes.size(), kStep));
    for (const std::byte byte : part) {
      a += std::to_integer<std::uint32_t>(byte);
      b += a;
    }
    a %= kPrime;
    b %= kPrime;
    bytes = bytes.subspan(part.size());
  }
  return b << 16 | a;
}

void undo_filter(std::uint8_t filter, std::uint8_t value, std::span<char> code) {
  // Calls and jumps of x86 with a displacement of 32 bits; 0x49 takes conditional jumps too.
  const bool conditional = filter == 0x49;
  if (filter != 0x24 && filter != 0x25 && filter != 0x26 && filter != 0x36 && filter != 0x46 &&
      !conditional) {
    return;
  }
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(code[i]); };
  const bool calls = filter != 0x25;
  const bool jumps = filter != 0x24;
  std::size_t last = 0;  // end of the last displacement
  for (std::size_t i = 0; i + 5 < code.size(); ++i) {
    const bool call = (at(i) == 0xe8 && calls) || (at(i) == 0xe9 && jumps);
    const bool jump =
        conditional && i != last && i > 0 && at(i - 1) == 0x0f && at(i) >= 0x80 && at(i) <= 0x8f;
    if ((!call && !jump) || at(i + 1) != value) continue;
    const std::uint32_t packed = std::uint32_t{at(i + 1)} << 24 | std::uint32_t{at(i + 2)} << 16 |
                                 std::uint32_t{at(i + 3)} << 8 | at(i + 4);
    const std::uint32_t displacement =
        packed - (std::uint32_t{value} << 24) - static_cast<std::uint32_t>(i) - 1;
    for (std::size_t k = 0; k < 4; ++k) {
      code[i + 1 + k] = static_cast<char>(displacement >> (8 * k) & 0xff);
    }
    i += 4;
    last = i + 1;
  }
}

bool looks_packed_by_upx(ByteView head) { return may_be_upx_elf(head) || may_be_upx_pe(head); }

std::optional<Unpacked> unpack_upx(ByteView file, std::uint64_t most_bytes) {
  if (may_be_upx_elf(file)) return unpack_upx_elf(file, most_bytes);
  if (may_be_upx_pe(file)) return unpack_upx_pe(file, most_bytes);
  return std::nullopt;
}

}  // namespace minescan::inspect::packers
