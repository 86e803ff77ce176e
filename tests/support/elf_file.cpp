#include "support/elf_file.h"

namespace minescan::test {
namespace {

std::string number_text(std::uint64_t value, std::size_t size, bool big_endian) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = big_endian ? size - 1 - i : i;
    text += static_cast<char>(value >> (8 * at) & 0xff);
  }
  return text;
}

void pad(std::string& text, std::size_t unit) {
  text.resize((text.size() + unit - 1) / unit * unit, '\0');
}

}  // namespace

std::string ElfFile::number(std::uint64_t value, std::size_t size) const {
  return number_text(value, size, big_endian_);
}

std::string ElfFile::address(std::uint64_t value) const { return number(value, wide_ ? 8 : 4); }

ElfSymbolTable elf_symbols(const std::vector<ElfSymbolSpec>& symbols, unsigned bits,
                           bool big_endian) {
  const bool wide = bits == 64;
  const auto number = [&](std::uint64_t value, std::size_t size) {
    return number_text(value, size, big_endian);
  };
  ElfSymbolTable result;
  result.table = std::string(wide ? 24 : 16, '\0');
  result.names = std::string(1, '\0');
  for (const ElfSymbolSpec& symbol : symbols) {
    const std::string place =
        number(symbol.value, wide ? 8 : 4) + number(symbol.size, wide ? 8 : 4);
    const std::string kind =
        number(symbol.info, 1) + number(symbol.other, 1) + number(symbol.section, 2);
    result.table += number(result.names.size(), 4) + (wide ? kind + place : place + kind);
    result.names += symbol.name + std::string(1, '\0');
  }
  return result;
}

std::string elf_note(std::string_view owner, std::uint32_t type, std::string_view body,
                     bool big_endian) {
  std::string name = std::string(owner) + std::string(1, '\0');
  std::string text = number_text(name.size(), 4, big_endian) +
                     number_text(body.size(), 4, big_endian) + number_text(type, 4, big_endian);
  pad(name, 4);
  text += name;
  text += body;
  pad(text, 4);
  return text;
}

ElfFile::ElfFile(ElfSpec spec) : big_endian_(spec.big_endian), wide_(spec.bits == 64) {
  if (!spec.symbols.empty()) {
    const ElfSymbolTable table = elf_symbols(spec.symbols, spec.bits, spec.big_endian);
    const auto names = static_cast<std::uint32_t>(spec.sections.size() + 2);
    spec.sections.push_back({.name = ".symtab",
                             .body = table.table,
                             .type = 2,
                             .flags = 0,
                             .link = names,
                             .entry_size = wide_ ? 24U : 16U});
    spec.sections.push_back({.name = ".strtab", .body = table.names, .type = 3, .flags = 0});
  }
  const std::size_t header_size = wide_ ? 64 : 52;
  const std::size_t segment_size = wide_ ? 56 : 32;
  const std::size_t section_size = wide_ ? 64 : 40;

  std::string names(1, '\0');
  std::vector<std::size_t> name_at;
  for (const ElfSectionSpec& section : spec.sections) {
    name_at.push_back(names.size());
    names += section.name + std::string(1, '\0');
  }
  name_at.push_back(names.size());
  names += std::string(".shstrtab") + std::string(1, '\0');
  spec.sections.push_back({.name = ".shstrtab", .body = names, .type = 3, .flags = 0});

  std::string bodies;
  const std::size_t bodies_at = header_size + segment_size * spec.segments.size();
  if (!spec.section_headers) spec.sections.pop_back();
  for (const ElfSectionSpec& section : spec.sections) {
    while ((bodies_at + bodies.size()) % 8 != 0) bodies += '\0';
    offsets.push_back(bodies_at + bodies.size());
    bodies += section.body;
  }
  while ((bodies_at + bodies.size()) % 8 != 0) bodies += '\0';
  if (spec.section_headers) sections_at = bodies_at + bodies.size();

  const std::size_t sections = spec.section_headers ? spec.sections.size() + 1 : 0;
  bytes =
      "\x7f"
      "ELF";
  bytes += static_cast<char>(wide_ ? 2 : 1);
  bytes += static_cast<char>(big_endian_ ? 2 : 1);
  bytes += '\1';
  bytes += static_cast<char>(spec.os_abi);
  bytes += static_cast<char>(spec.abi_version);
  pad(bytes, 16);
  bytes += number(spec.type, 2) + number(spec.machine, 2) + number(spec.version, 4) + address(0) +
           address(spec.segments.empty() ? 0 : header_size) + address(sections_at) +
           number(spec.flags, 4) + number(header_size, 2) + number(segment_size, 2) +
           number(spec.segments.size(), 2) + number(section_size, 2) + number(sections, 2) +
           number(sections == 0 ? 0 : sections - 1, 2);
  for (const ElfSegmentSpec& segment : spec.segments) {
    const std::uint64_t memory = segment.memory_size == 0 ? segment.size : segment.memory_size;
    bytes += number(segment.type, 4);
    if (wide_) bytes += number(segment.flags, 4);
    bytes += address(segment.offset) + address(segment.address) + address(segment.address) +
             address(segment.size) + address(memory);
    if (!wide_) bytes += number(segment.flags, 4);
    bytes += address(8);
  }
  bytes += bodies;
  if (!spec.section_headers) return;
  bytes.append(section_size, '\0');
  for (std::size_t i = 0; i < spec.sections.size(); ++i) {
    const ElfSectionSpec& section = spec.sections[i];
    bytes += number(name_at[i], 4) + number(section.type, 4) + address(section.flags) + address(0) +
             address(offsets[i]) + address(section.body.size()) + number(section.link, 4) +
             number(section.info, 4) + address(8) + address(section.entry_size);
  }
}

}  // namespace minescan::test
