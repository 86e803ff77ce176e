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

// UPX changes the displacements of calls and jumps before it packs, so that equal targets become
// equal bytes; this undoes it.  Filters that are not known are left as they are: they touch
// nothing but code.
void undo_filter(std::uint8_t filter, std::uint8_t value, std::span<char> code);

bool may_be_upx_elf(ByteView head);
bool may_be_upx_pe(ByteView head);
std::optional<Unpacked> unpack_upx_elf(ByteView file, std::uint64_t most_bytes);
std::optional<Unpacked> unpack_upx_pe(ByteView file, std::uint64_t most_bytes);

}  // namespace minescan::inspect::packers
