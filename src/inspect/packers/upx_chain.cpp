// Packed Mach-O files, kernels, and what else is not known here: in all of them UPX writes l_info
// and p_info (12 bytes each) and then blocks, somewhere, and its record of 32 bytes near the end.
// What the blocks unpack to comes one behind the other.  Of Mach-O that is the file that was
// packed, when it has the size that p_info tells; else where the blocks belong is not known.

#include <algorithm>
#include <array>

#include "base/anchors.h"
#include "inspect/packers/upx_parts.h"
#include "inspect/programs/fields.h"

namespace minescan::inspect::packers {
namespace {

constexpr std::size_t kMostMarks = 64;        // places that are looked at
constexpr std::size_t kTail = 65'536;         // bytes before the end in which the record lies
constexpr std::uint32_t kLeastPacked = 4096;  // by chance a record packs a few bytes
constexpr std::uint32_t kLargest = std::uint32_t{1} << 30;  // bytes of an original
constexpr std::size_t kMostBlocks = 4096;

bool is_program(ByteView file) {
  const std::string_view text = as_text(file);
  constexpr std::array<std::string_view, 6> kBegins = {
      "\x7f"
      "ELF",
      "\xcf\xfa\xed\xfe",
      "\xce\xfa\xed\xfe",
      "\xca\xfe\xba\xbe",
      "\xfe\xed\xfa\xce",
      "\xfe\xed\xfa\xcf"};
  return std::any_of(kBegins.begin(), kBegins.end(),
                     [text](std::string_view begin) { return text.starts_with(begin); });
}

// Versions and formats as in a record.
bool plausible(unsigned version, unsigned format) {
  return version >= 10 && version <= 20 && (format & 0x7f) >= 1 && (format & 0x7f) <= 60;
}

struct Info {
  std::size_t blocks = 0;  // where they begin
  bool big_endian = false;
  std::uint32_t size = 0;  // of the original
};

// l_info: a sum, the mark, a size of 2 bytes, version and format.  Behind it p_info, whose sizes
// hold the first block's.
std::optional<Info> info_at(ByteView file, std::size_t mark) {
  if (mark < 4) return std::nullopt;
  programs::Fields fields(file, false, mark + 6);
  const unsigned version = fields.byte();
  const unsigned format = fields.byte();
  if (!fields.good() || !plausible(version, format)) return std::nullopt;
  const bool big_endian = format >= 128;
  const std::uint32_t size = programs::Fields(file, big_endian, mark - 4 + kUpxInfo + 4).word();
  return Info{.blocks = mark - 4 + 2 * kUpxInfo, .big_endian = big_endian, .size = size};
}

std::optional<Info> next_info(ByteView file, std::size_t& from) {
  static const AnchorFinder kFinder(std::to_array<Anchor>({{'U', 'P', 'X', '!'}}));
  for (std::size_t marks = 0; marks < kMostMarks; ++marks) {
    const auto at = kFinder.find(file, from);
    if (!at) break;
    from = *at + 1;
    if (const auto info = info_at(file, *at)) {
      if (upx_block_at(file, info->big_endian, info->blocks)) return info;
    }
  }
  from = file.size();
  return std::nullopt;
}

// One that is marked, or lies where UPX puts it.  Elsewhere and unmarked, one in 400 libraries has
// by chance what looks like a record.
bool has_record(ByteView file) {
  constexpr std::size_t kBehind = 4;
  const auto is_record = [&](std::size_t at) {
    const auto record = upx_record_at(file, at);
    return record && record->packed_size >= kLeastPacked && record->file_size <= kLargest &&
           record->packed_size <= record->file_size && record->packed_size <= file.size();
  };
  constexpr std::size_t kFromEnd = UpxRecord::kSize + kBehind;
  if (file.size() >= kFromEnd && is_record(file.size() - kFromEnd)) return true;
  const std::string_view text = as_text(file);
  std::size_t at = file.size() - std::min(file.size(), kTail);
  while ((at = text.find(kUpxMark, at)) != std::string_view::npos) {
    if (is_record(at)) return true;
    ++at;
  }
  return false;
}

// Appends what the blocks unpack to, and gives where they end.
std::uint64_t unpack_chain(ByteView file, const Info& info, std::uint64_t most, Unpacked& result) {
  std::uint64_t at = info.blocks;
  for (std::size_t count = 0; count < kMostBlocks; ++count) {
    const auto block = upx_block_at(file, info.big_endian, at);
    if (!block) return at;
    const std::uint64_t room = std::min<std::uint64_t>(
        block->unpacked, most - std::min<std::uint64_t>(most, result.bytes.size()));
    std::string part(static_cast<std::size_t>(room), '\0');
    std::size_t made = 0;
    bool known = true;
    if (room == 0 || !unpack_upx_block(file, *block, part, made, known)) return at;
    result.bytes.append(part, 0, made);
    if (!known) {
      result.problem = "its filter is not known, so calls in its code are not what they were";
    }
    const std::string name(block->stored() ? "" : method_name(block->method));
    if (!name.empty() && result.method.find(name) == std::string::npos) {
      result.method += (result.method.empty() ? "" : ", ") + name;
    }
    at = block->end();
  }
  return at;
}

}  // namespace

bool may_be_upx_chain(ByteView file) {
  if (!is_program(file)) return false;
  std::size_t from = 0;
  return next_info(file, from).has_value() || has_record(file);
}

std::optional<Unpacked> unpack_upx_chain(ByteView file, std::uint64_t most_bytes) {
  if (!is_program(file)) return std::nullopt;
  Unpacked result;
  result.format = as_text(file).starts_with("\x7f") ? "ELF" : "Mach-O";
  std::uint32_t told = 0;
  // Each program of a universal file has a chain of its own.
  for (std::size_t from = 0; from < file.size();) {
    const auto info = next_info(file, from);
    if (!info) break;
    if (result.bytes.empty()) told = info->size;
    const std::uint64_t end = unpack_chain(file, *info, most_bytes, result);
    from = std::max(from, static_cast<std::size_t>(std::min<std::uint64_t>(end, file.size())));
  }
  if (!result.bytes.empty()) {
    const bool whole = result.bytes.size() == told && result.format == "Mach-O" &&
                       as_text(file).substr(0, 4) == std::string_view(result.bytes).substr(0, 4);
    if (whole) return result;
    result.problem = "where its parts belong is not known: " + std::to_string(result.bytes.size()) +
                     " bytes come one behind the other";
    return result;
  }
  if (!has_record(file)) return std::nullopt;
  result.problem = "packed in a way that is not known here";
  return result;
}

}  // namespace minescan::inspect::packers
