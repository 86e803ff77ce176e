#pragma once
// The header of an ELF file and the tables that it points to.

#include "inspect/programs/fields.h"
#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

struct ElfHeader {
  unsigned bits = 0;
  bool big_endian = false;
  std::uint8_t os_abi = 0;
  std::uint8_t abi_version = 0;
  std::uint16_t type = 0;
  std::uint16_t machine = 0;
  std::uint32_t version = 0;
  std::uint32_t flags = 0;
  std::uint64_t entry = 0;
  // A table of `count` entries of `entry_size` bytes each.
  struct Table {
    std::uint64_t offset = 0;
    std::uint64_t entry_size = 0;
    std::uint64_t count = 0;
    [[nodiscard]] std::uint64_t bytes() const { return entry_size * count; }  // < 2^48
  };
  Table segments;
  Table sections;
  std::uint64_t names = 0;  // index of the section that has the names of sections
  std::vector<std::string> problems;

  [[nodiscard]] std::uint64_t size() const { return bits == 64 ? 64 : 52; }
};

std::optional<ElfHeader> read_elf_header(ByteView file);

// The entries that are there; of a section, name_at is where its name is in the table of names.
std::optional<Segment> read_elf_segment(ByteView file, const ElfHeader& header, std::uint64_t i);
struct ElfSection {
  Section section;
  std::uint32_t name_at = 0;
};
std::optional<ElfSection> read_elf_section(ByteView file, const ElfHeader& header, std::uint64_t i);

}  // namespace minescan::inspect::programs
