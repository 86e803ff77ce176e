#pragma once
// The headers of a PE file, and where its addresses lie in the file.

#include <array>

#include "inspect/programs/fields.h"
#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

// Indices of data directories.
enum class PeDirectory : std::uint8_t {
  exports = 0,
  imports = 1,
  certificates = 4,
  debug = 6,
  delayed_imports = 13,
  net = 14,
};

struct PeHeader {
  std::uint16_t machine = 0;
  std::uint16_t characteristics = 0;
  unsigned bits = 0;
  std::uint64_t base = 0;          // where the loader wants to map it
  std::uint64_t entry = 0;         // relative to the base, as all addresses here
  std::uint64_t headers_size = 0;  // what the loader maps of the file's start
  std::uint64_t headers_end = 0;   // of the section table
  std::uint64_t symbols_at = 0;    // COFF symbols, in the file
  std::uint64_t symbol_count = 0;
  std::array<Range, 16> directories{};  // .offset is an address, but for certificates
  std::vector<Section> sections;
  std::vector<std::size_t> by_address;  // indices of sections, which a loader wants in this order
  std::uint64_t sector = 1;             // starts of sections in the file are rounded down to it
  std::vector<std::string> problems;

  [[nodiscard]] Range directory(PeDirectory which) const {
    return directories[static_cast<std::size_t>(which)];
  }
  // Everything in the file from an address on, up to the end of its section.
  [[nodiscard]] ByteView at(ByteView file, std::uint64_t address) const;
  // Names of symbols that are longer than 8 bytes; begins with its own size.
  [[nodiscard]] ByteView long_names(ByteView file) const;
};

// Nothing for what is no PE: "MZ" alone may begin anything.
std::optional<PeHeader> read_pe_header(ByteView file);

}  // namespace minescan::inspect::programs
