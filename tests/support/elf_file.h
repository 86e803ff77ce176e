#pragma once
// Makes ELF files for tests, honest ones and others, of either width and byte order.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::test {

struct ElfSectionSpec {
  std::string name;
  std::string body;
  std::uint32_t type = 1;   // PROGBITS
  std::uint64_t flags = 2;  // allocated
  std::uint32_t link = 0;
  std::uint32_t info = 0;
  std::uint64_t entry_size = 0;
};

struct ElfSegmentSpec {
  std::uint32_t type = 1;   // LOAD
  std::uint32_t flags = 5;  // read and execute
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint64_t memory_size = 0;  // 0 = size
};

struct ElfSymbolSpec {
  std::string name;
  std::uint64_t value = 0;
  std::uint64_t size = 0;
  std::uint8_t info = 0x12;  // a global function
  std::uint8_t other = 0;
  std::uint16_t section = 1;
};

// Header, program headers, bodies of sections (each at a multiple of 8), section headers.
struct ElfSpec {
  unsigned bits = 64;
  bool big_endian = false;
  std::uint16_t type = 2;      // executable
  std::uint16_t machine = 62;  // x86-64
  std::uint32_t version = 1;
  std::uint32_t flags = 0;
  std::uint8_t os_abi = 0;
  std::uint8_t abi_version = 0;
  std::vector<ElfSegmentSpec> segments;
  std::vector<ElfSectionSpec> sections;  // without the first, empty one, and without .shstrtab
  std::vector<ElfSymbolSpec> symbols;    // makes .symtab and .strtab, behind the others
  bool section_headers = true;
};

class ElfFile {
 public:
  explicit ElfFile(ElfSpec spec);

  std::string bytes;
  std::uint64_t sections_at = 0;       // of the section headers
  std::vector<std::uint64_t> offsets;  // of the bodies of spec.sections

  // A number as the file has it.
  [[nodiscard]] std::string number(std::uint64_t value, std::size_t size) const;
  [[nodiscard]] std::string address(std::uint64_t value) const;
  void put(std::size_t at, std::string_view text) { bytes.replace(at, text.size(), text); }

 private:
  bool big_endian_;
  bool wide_;
};

// The bodies of a table of symbols and of its names; without the first, empty symbol nothing is.
struct ElfSymbolTable {
  std::string table;
  std::string names;
};
ElfSymbolTable elf_symbols(const std::vector<ElfSymbolSpec>& symbols, unsigned bits,
                           bool big_endian);

// A note: owner, type and body, padded to 4 bytes each.
std::string elf_note(std::string_view owner, std::uint32_t type, std::string_view body,
                     bool big_endian = false);

}  // namespace minescan::test
