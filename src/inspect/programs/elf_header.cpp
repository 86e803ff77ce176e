#include "inspect/programs/elf_header.h"

#include <algorithm>

namespace minescan::inspect::programs {
namespace {

using std::string_view_literals::operator""sv;

std::uint16_t half_at(ByteView file, bool big_endian, std::uint64_t at) {
  return Fields(file, big_endian, at).half();
}

// e_type of what a loader or linker takes.
bool is_type(std::uint16_t type) { return type >= 1 && type <= 4; }

// Linux never looks at the byte for the byte order, and takes the width from e_machine: either can
// be wrong in a program that runs, so that tools which believe them see nothing.
void settle_byte_order(ByteView file, ElfHeader& header) {
  header.big_endian = file[5] == std::byte{2};
  const bool said = file[5] == std::byte{1} || header.big_endian;
  const bool here = is_type(half_at(file, header.big_endian, 16));
  const bool other = is_type(half_at(file, !header.big_endian, 16));
  if (!here && other) header.big_endian = !header.big_endian;
  if (!said || (!here && other)) {
    header.problems.emplace_back("the ELF header has the wrong byte order");
  }
}

void settle_width(ByteView file, ElfHeader& header) {
  header.bits = file[4] == std::byte{2} ? 64 : 32;
  const bool said = file[4] == std::byte{1} || file[4] == std::byte{2};
  // The sizes of a program header (which Linux checks) and of the header itself.
  const auto fits = [&](unsigned bits) {
    const bool wide = bits == 64;
    if (half_at(file, header.big_endian, wide ? 54 : 42) == (wide ? 56 : 32)) return 2;
    return half_at(file, header.big_endian, wide ? 52 : 40) == (wide ? 64 : 52) ? 1 : 0;
  };
  const unsigned other = header.bits == 64 ? 32 : 64;
  if (fits(other) > 0 && fits(header.bits) == 0) {
    header.bits = other;
    header.problems.emplace_back("the ELF header has the wrong width");
  } else if (!said) {
    header.problems.emplace_back("the ELF header tells no width");
  }
}

// A size that no reader could use is replaced by the one that every writer uses.
void settle_entry_size(ElfHeader& header, ElfHeader::Table& table, std::uint64_t right,
                       std::string_view what) {
  if (table.entry_size == right) return;
  if (table.offset != 0) {
    header.problems.push_back("the ELF header has a wrong size for " + std::string(what));
  }
  table.entry_size = right;
}

}  // namespace

std::optional<ElfHeader> read_elf_header(ByteView file) {
  if (file.size() < 52 || !as_text(file).starts_with("\x7f"
                                                     "ELF"sv)) {
    return std::nullopt;
  }
  ElfHeader header;
  settle_byte_order(file, header);
  settle_width(file, header);
  header.os_abi = std::to_integer<std::uint8_t>(file[7]);
  header.abi_version = std::to_integer<std::uint8_t>(file[8]);
  Fields fields(file, header.big_endian, 16);
  header.type = fields.half();
  header.machine = fields.half();
  header.version = fields.word();
  header.entry = fields.address(header.bits);
  header.segments.offset = fields.address(header.bits);
  header.sections.offset = fields.address(header.bits);
  header.flags = fields.word();
  fields.half();  // its own size
  header.segments.entry_size = fields.half();
  header.segments.count = fields.half();
  header.sections.entry_size = fields.half();
  header.sections.count = fields.half();
  header.names = fields.half();
  if (!fields.good()) return std::nullopt;
  const bool wide = header.bits == 64;
  settle_entry_size(header, header.segments, wide ? 56 : 32, "program headers");
  settle_entry_size(header, header.sections, wide ? 64 : 40, "section headers");

  // Numbers that are too large for their fields stand in the first section header.
  if (header.sections.offset == 0) {
    header.sections.count = 0;
  } else if (header.sections.count == 0 || header.segments.count == 0xffff ||
             header.names == 0xffff) {
    ElfHeader first = header;
    first.sections.count = 1;
    if (const auto section = read_elf_section(file, first, 0)) {
      if (header.sections.count == 0) {
        header.sections.count = std::min<std::uint64_t>(section->section.size, 0xffffffff);
      }
      if (header.segments.count == 0xffff) header.segments.count = section->section.info;
      if (header.names == 0xffff) header.names = section->section.link;
    }
  }
  if (header.segments.offset == 0) header.segments.count = 0;
  return header;
}

std::optional<Segment> read_elf_segment(ByteView file, const ElfHeader& header, std::uint64_t i) {
  const ElfHeader::Table& table = header.segments;
  if (i >= table.count || table.offset > file.size()) return std::nullopt;
  Fields fields(file.subspan(static_cast<std::size_t>(table.offset)), header.big_endian,
                i * table.entry_size);
  Segment segment;
  segment.type = fields.word();
  std::uint32_t flags = 0;
  if (header.bits == 64) flags = fields.word();
  segment.offset = fields.address(header.bits);
  segment.address = fields.address(header.bits);
  fields.address(header.bits);  // where memory is addressed by hardware
  segment.size = fields.address(header.bits);
  segment.memory_size = fields.address(header.bits);
  if (header.bits == 32) flags = fields.word();
  fields.address(header.bits);  // alignment
  if (!fields.good()) return std::nullopt;
  segment.executable = (flags & 1) != 0;
  segment.writable = (flags & 2) != 0;
  return segment;
}

std::optional<ElfSection> read_elf_section(ByteView file, const ElfHeader& header,
                                           std::uint64_t i) {
  const ElfHeader::Table& table = header.sections;
  if (i >= table.count || table.offset > file.size()) return std::nullopt;
  Fields fields(file.subspan(static_cast<std::size_t>(table.offset)), header.big_endian,
                i * table.entry_size);
  ElfSection result;
  result.name_at = fields.word();
  Section& section = result.section;
  section.type = fields.word();
  section.flags = fields.address(header.bits);
  section.address = fields.address(header.bits);
  section.offset = fields.address(header.bits);
  section.memory_size = fields.address(header.bits);
  section.link = fields.word();
  section.info = fields.word();
  fields.address(header.bits);  // alignment
  section.entry_size = fields.address(header.bits);
  if (!fields.good()) return std::nullopt;
  constexpr std::uint32_t kNoBits = 8;
  section.size = section.type == kNoBits ? 0 : section.memory_size;
  section.writable = (section.flags & 1) != 0;
  section.executable = (section.flags & 4) != 0;
  return result;
}

}  // namespace minescan::inspect::programs
