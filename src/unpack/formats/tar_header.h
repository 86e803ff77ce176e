#pragma once
// One 512-byte tar header block and what extended headers say about the entry behind them.  Reads
// v7, ustar (POSIX.1-1988), GNU and pax (POSIX.1-2001) alike.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace minescan::unpack {

inline constexpr std::size_t kTarBlock = 512;

struct TarHeader {
  enum class Dialect { v7, ustar, gnu };
  Dialect dialect = Dialect::v7;
  char type = '\0';
  std::string name;  // with the ustar prefix
  std::string target;
  std::uint32_t mode = 0;
  std::optional<std::uint64_t> size;  // nothing when the field is negative or no number
  bool sparse_continues = false;      // old GNU sparse: blocks with more of the map follow
};

// Whether a block has a header's checksum, summed as signed or as unsigned bytes.
bool has_tar_checksum(ByteView block);

// `block` has kTarBlock bytes; they need not have a right checksum.
TarHeader parse_tar_header(ByteView block);

// Whether `block` looks like a header apart from its checksum: every number is a number.
bool plausible_tar_fields(ByteView block);

// What a pax extended header says: the last value of each keyword, and what was wrong with it.
struct PaxRecords {
  std::map<std::string, std::string, std::less<>> values;
  std::vector<std::string> oddities;
  [[nodiscard]] std::optional<std::string> text(std::string_view keyword) const;
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view keyword) const;
};
PaxRecords parse_pax(std::string_view body);

}  // namespace minescan::unpack
