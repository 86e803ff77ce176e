#include "support/pe_file.h"

#include "support/compressors.h"

namespace minescan::test {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::uint32_t kPage = 0x1000;

void pad(std::string& text, std::size_t unit) {
  text.resize((text.size() + unit - 1) / unit * unit, '\0');
}

std::string word(std::size_t value) { return little(static_cast<std::uint32_t>(value)); }
std::string half(std::size_t value) { return little(static_cast<std::uint16_t>(value)); }

}  // namespace

PeFile::PeFile(const PeSpec& spec) {
  const bool wide = spec.bits == 64;
  const std::size_t optional_size = (wide ? 112 : 96) + 16 * 8;
  std::size_t headers_size = 0x40 + 24 + optional_size + 40 * spec.sections.size();
  headers_size = (headers_size + kSector - 1) / kSector * kSector;

  std::string bodies;
  std::string table;
  std::uint32_t next = kPage;
  for (const PeSectionSpec& section : spec.sections) {
    const auto size = static_cast<std::uint32_t>(section.body.size());
    const std::uint32_t memory = section.memory_size == 0 ? size : section.memory_size;
    addresses.push_back(section.address == 0 ? next : section.address);
    offsets.push_back(static_cast<std::uint32_t>(headers_size + bodies.size()));
    next = (addresses.back() + memory + kPage - 1) / kPage * kPage;
    std::string name = section.name;
    name.resize(8, '\0');
    bodies += section.body;
    pad(bodies, kSector);
    const std::size_t raw = headers_size + bodies.size() - offsets.back();
    table += name + word(memory) + word(addresses.back()) + word(raw) + word(offsets.back()) +
             std::string(12, '\0') + word(section.flags);
  }

  bytes = "MZ";
  bytes.resize(0x3c, '\0');
  bytes += word(0x40);
  bytes += "PE";
  bytes += half(0) + half(spec.machine) + half(spec.sections.size()) + word(0) +
           word(spec.symbols_at) + word(spec.symbol_count) + half(optional_size) +
           half(spec.characteristics);
  bytes += half(wide ? 0x20b : 0x10b) + std::string(14, '\0') + word(spec.entry);
  bytes += std::string(12, '\0') + word(kPage) + word(kSector) + std::string(16, '\0') +
           word(next) + word(headers_size) + std::string(wide ? 44 : 28, '\0') + word(16);
  for (std::size_t i = 0; i < 16; ++i) {
    const auto directory = spec.directories.find(i);
    if (directory == spec.directories.end()) {
      bytes += std::string(8, '\0');
    } else {
      bytes += word(directory->second.first) + word(directory->second.second);
    }
  }
  bytes += table;
  bytes.resize(headers_size, '\0');
  bytes += bodies;
}

}  // namespace minescan::test
