#pragma once
// What UPX's layouts for ELF and PE have in common.

#include <optional>

#include "inspect/packers/streams.h"
#include "inspect/packers/upx.h"

namespace minescan::inspect::packers {

inline constexpr std::string_view kUpxMark = "UPX!";

// The record of 32 bytes that tells what was packed and how.
struct UpxRecord {
  static constexpr std::size_t kSize = 32;
  std::size_t offset = 0;
  bool marked = false;  // it begins with "UPX!"
  Method method{};
  std::uint32_t unpacked_size = 0;
  std::uint32_t packed_size = 0;
  std::uint32_t unpacked_sum = 0;  // Adler-32
  std::uint32_t file_size = 0;     // of the original
  std::uint8_t filter = 0;
  std::uint8_t filter_value = 0;
};

// The record at `offset`, whose sum and fields are right; its mark may be anything.
std::optional<UpxRecord> upx_record_at(ByteView bytes, std::size_t offset);

std::uint32_t adler32(ByteView bytes);

// A block's method and sizes, in front of its packed bytes.
inline constexpr std::size_t kUpxInfo = 12;  // bytes of l_info, of p_info, and in front of a block
struct UpxBlock {
  std::uint32_t unpacked = 0;
  std::uint32_t packed = 0;
  Method method{};
  std::uint8_t filter = 0;
  std::uint8_t filter_value = 0;
  std::uint64_t at = 0;  // of the packed bytes
  [[nodiscard]] bool stored() const { return packed == unpacked; }
  [[nodiscard]] std::uint64_t end() const { return at + packed; }
};
std::optional<UpxBlock> upx_block_at(ByteView file, bool big_endian, std::uint64_t offset);
// Unpacks into `out`, which has the block's size or less; false when the bytes are no such block.
// `known` becomes false when the block's filter is none that is undone here.
bool unpack_upx_block(ByteView file, const UpxBlock& block, std::span<char> out, std::size_t& made,
                      bool& known);

// UPX changes the displacements of calls and jumps before it packs, so that equal targets become
// equal bytes; this undoes it.  `added` is what UPX added to each place.  False for a filter that
// is not known: nothing is changed, and strings, tables and constants are as they were.
bool undo_filter(std::uint8_t filter, std::uint8_t value, std::span<char> code,
                 std::uint32_t added = 0);

bool may_be_upx_elf(ByteView head);
bool may_be_upx_pe(ByteView head);
// What has UPX's marks or record and is neither: shared libraries, Mach-O, kernels.
bool may_be_upx_chain(ByteView file);
std::optional<Unpacked> unpack_upx_elf(ByteView file, std::uint64_t most_bytes);
std::optional<Unpacked> unpack_upx_pe(ByteView file, std::uint64_t most_bytes);
std::optional<Unpacked> unpack_upx_chain(ByteView file, std::uint64_t most_bytes);

}  // namespace minescan::inspect::packers
