#pragma once
// Makes PE files for tests, honest ones and others.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace minescan::test {

struct PeSectionSpec {
  std::string name;  // up to 8 bytes
  std::string body;
  std::uint32_t address = 0;         // 0 = 0x1000 after where the last ends, in pages
  std::uint32_t memory_size = 0;     // 0 = the body's
  std::uint32_t flags = 0x60000020;  // code: read, execute
};

struct PeSpec {
  unsigned bits = 64;
  std::uint16_t machine = 0x8664;
  std::uint16_t characteristics = 0x22;
  std::uint32_t entry = 0x1000;
  std::vector<PeSectionSpec> sections;
  // Index of a data directory: address (in the file for 4, certificates) and size.
  std::map<std::size_t, std::pair<std::uint32_t, std::uint32_t>> directories;
  std::uint32_t symbols_at = 0;
  std::uint32_t symbol_count = 0;
};

// The headers, then the bodies, each at a multiple of 512.
struct PeFile {
  explicit PeFile(const PeSpec& spec);
  std::string bytes;
  std::vector<std::uint32_t> addresses;  // of the sections
  std::vector<std::uint32_t> offsets;
};

}  // namespace minescan::test
