#include "inspect/packers/upx.h"

#include <algorithm>

#include "base/reader.h"
#include "inspect/packers/upx_parts.h"
#include "inspect/programs/fields.h"
#include "inspect/programs/program.h"

namespace minescan::inspect::packers {

std::optional<UpxRecord> upx_record_at(ByteView bytes, std::size_t offset) {
  const auto record = Reader(bytes).slice(offset, UpxRecord::kSize);
  if (!record) return std::nullopt;
  const auto byte_at = [&](std::size_t at) { return std::to_integer<unsigned>((*record)[at]); };
  // Versions that wrote programs which still run; UPX has 45 formats of either byte order.  Asked
  // first, because tens of thousands of places are.
  if (byte_at(4) < 10 || byte_at(4) > 20 || (byte_at(5) & 0x7f) < 1 || (byte_at(5) & 0x7f) > 60 ||
      byte_at(7) > 10) {
    return std::nullopt;
  }
  unsigned sum = 0;
  for (const std::byte byte : record->subspan(4, 27)) sum += std::to_integer<unsigned>(byte);
  if (sum % 251 != std::to_integer<unsigned>((*record)[31])) return std::nullopt;
  Reader reader(*record);
  UpxRecord result{.offset = offset};
  result.marked = as_text(*reader.take(4)) == kUpxMark;
  reader.take(1);
  const std::uint8_t format = *reader.little<std::uint8_t>();
  result.method = Method{*reader.little<std::uint8_t>()};
  reader.take(1);
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
  const bool right = !method_name(result.method).empty() && result.packed_size != 0 &&
                     result.packed_size <= result.unpacked_size;
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

std::optional<UpxBlock> upx_block_at(ByteView file, bool big_endian, std::uint64_t offset) {
  programs::Fields fields(file, big_endian, offset);
  UpxBlock block;
  block.unpacked = fields.word();
  block.packed = fields.word();
  block.method = Method{fields.byte()};
  block.filter = fields.byte();
  block.filter_value = fields.byte();
  fields.byte();
  block.at = fields.position();
  if (!fields.good() || block.packed == 0 || block.packed > block.unpacked) return std::nullopt;
  if (block.packed > file.size() - block.at) return std::nullopt;
  if (!block.stored() && method_name(block.method).empty()) return std::nullopt;
  return block;
}

bool unpack_upx_block(ByteView file, const UpxBlock& block, std::span<char> out, std::size_t& made,
                      bool& known) {
  const ByteView packed = programs::content(file, block.at, block.packed);
  if (block.stored()) {
    made = std::min(packed.size(), out.size());
    std::copy_n(as_text(packed).begin(), made, out.begin());
    return true;
  }
  made = unpack_stream(block.method, packed, out).made;
  // Of a part, the last match may reach over its end.
  if (out.size() < block.unpacked) return made != 0;
  if (made != out.size()) return false;
  if (!undo_filter(block.filter, block.filter_value, out)) known = false;
  return true;
}

bool looks_packed_by_upx(ByteView bytes) {
  return may_be_upx_elf(bytes) || may_be_upx_pe(bytes) || may_be_upx_chain(bytes);
}

std::optional<Unpacked> unpack_upx(ByteView file, std::uint64_t most_bytes) {
  if (may_be_upx_elf(file)) {
    auto unpacked = unpack_upx_elf(file, most_bytes);
    if (unpacked && (!unpacked->bytes.empty() || most_bytes == 0)) return unpacked;
    auto chain = unpack_upx_chain(file, most_bytes);
    return chain ? chain : unpacked;
  }
  if (may_be_upx_pe(file)) return unpack_upx_pe(file, most_bytes);
  return unpack_upx_chain(file, most_bytes);
}

}  // namespace minescan::inspect::packers
