#include "inspect/programs/pe_header.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace minescan::inspect::programs {
namespace {

constexpr std::size_t kSectionHeader = 40, kSymbol = 18;
// Where pages are apart in memory, the loader rounds the start of a section in the file down to a
// sector, whatever the header says.
constexpr std::uint64_t kSector = 512, kPage = 4096;

Section read_section(Fields& fields) {
  Section section;
  section.name = fields.text(8);
  section.memory_size = fields.word();
  section.address = fields.word();
  section.size = fields.word();
  section.offset = fields.word();
  fields.skip(12);
  section.flags = fields.word();
  section.executable = (section.flags & 0x20000000) != 0;
  section.writable = (section.flags & 0x80000000) != 0;
  return section;
}

// "/123": the name stands at 123 of the long names.
std::string_view resolved(std::string_view name, ByteView long_names) {
  std::uint32_t at = 0;
  if (name.size() < 2 || name[0] != '/') return name;
  const auto end = name.data() + name.size();
  const auto result = std::from_chars(name.data() + 1, end, at);
  if (result.ec != std::errc() || result.ptr != end || at >= long_names.size()) return name;
  return text_at(long_names, at);
}

}  // namespace

ByteView PeHeader::at(ByteView file, std::uint64_t address) const {
  const auto after =
      std::upper_bound(by_address.begin(), by_address.end(), address,
                       [&](std::uint64_t at, std::size_t i) { return at < sections[i].address; });
  if (after != by_address.begin()) {
    const Section& section = sections[*std::prev(after)];
    const std::uint64_t start = section.offset / sector * sector;
    const ByteView bytes = content(file, start, section.size);
    return content(bytes, address - section.address, bytes.size());
  }
  return address < headers_size ? content(file, address, headers_size - address) : ByteView();
}

ByteView PeHeader::long_names(ByteView file) const {
  if (symbols_at == 0) return {};
  const std::uint64_t start = symbols_at + symbol_count * kSymbol;
  Fields fields(file, false, start);
  const std::uint32_t size = fields.word();
  return fields.good() ? content(file, start, size) : ByteView();
}

std::optional<PeHeader> read_pe_header(ByteView file) {
  if (!as_text(file).starts_with("MZ")) return std::nullopt;
  Fields dos(file, false, 0x3c);
  const std::uint32_t start = dos.word();
  Fields fields(file, false, start);
  if (fields.word() != 0x4550 || !fields.good()) return std::nullopt;  // "PE\0\0"
  PeHeader header;
  header.machine = fields.half();
  const std::uint16_t section_count = fields.half();
  fields.word();  // a time
  header.symbols_at = fields.word();
  header.symbol_count = fields.word();
  const std::uint16_t optional_size = fields.half();
  header.characteristics = fields.half();
  const std::size_t optional_at = fields.position();
  const std::uint16_t magic = fields.half();
  if (!fields.good()) return std::nullopt;
  header.bits = magic == 0x20b ? 64 : 32;
  if (magic != 0x10b && magic != 0x20b) {
    header.problems.emplace_back("the optional header is of no known kind");
  }
  fields.skip(14);
  header.entry = fields.word();
  fields.skip(header.bits == 64 ? 4 : 8);
  header.base = fields.address(header.bits);
  const std::uint32_t alignment = fields.word();
  fields.skip(24);
  header.headers_size = fields.word();
  fields.skip(header.bits == 64 ? 44 : 28);
  const std::uint32_t directories = fields.word();
  for (std::size_t i = 0; i < std::min<std::size_t>(directories, header.directories.size()); ++i) {
    header.directories[i].offset = fields.word();
    header.directories[i].size = fields.word();
  }
  if (!fields.good()) header.problems.emplace_back("the headers are cut short");

  Fields table(file, false, optional_at + optional_size);
  for (std::uint16_t i = 0; i < section_count; ++i) {
    if (table.left() < kSectionHeader) {
      header.problems.push_back("section headers are missing: " + std::to_string(i) + " of " +
                                std::to_string(section_count) + " are there");
      break;
    }
    header.sections.push_back(read_section(table));
  }
  header.headers_end = optional_at + optional_size + section_count * kSectionHeader;
  header.sector = alignment >= kPage ? kSector : 1;
  header.by_address.resize(header.sections.size());
  std::iota(header.by_address.begin(), header.by_address.end(), std::size_t{0});
  std::stable_sort(header.by_address.begin(), header.by_address.end(),
                   [&](std::size_t a, std::size_t b) {
                     return header.sections[a].address < header.sections[b].address;
                   });
  const ByteView long_names = header.long_names(file);
  for (Section& section : header.sections) section.name = resolved(section.name, long_names);
  return header;
}

}  // namespace minescan::inspect::programs
