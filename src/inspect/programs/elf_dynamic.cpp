#include "inspect/programs/elf_dynamic.h"

#include <algorithm>

namespace minescan::inspect::programs {
namespace {

constexpr std::uint32_t kLoad = 1, kDynamicSegment = 2;
constexpr std::size_t kMostEntries = 100'000;  // of the dynamic table; linkers write about 30

struct Tags {
  std::uint64_t names = 0, names_size = 0, symbols = 0, hash = 0, gnu_hash = 0;
  std::vector<std::uint64_t> needed;
  std::vector<std::uint64_t> tables;  // where others begin
};

// Everything in the file from an address on, up to the end of the segment that it is loaded from.
ByteView from_address(ByteView file, const std::vector<Segment>& segments, std::uint64_t address) {
  for (const Segment& segment : segments) {
    if (segment.type != kLoad || address < segment.address ||
        address - segment.address >= segment.size) {
      continue;
    }
    const ByteView bytes = content(file, segment.offset, segment.size);
    const std::uint64_t at = address - segment.address;
    return at < bytes.size() ? bytes.subspan(static_cast<std::size_t>(at)) : ByteView();
  }
  return {};
}

Tags read_tags(ByteView table, const ElfHeader& header) {
  Tags tags;
  Fields fields(table, header.big_endian);
  for (std::size_t i = 0; i < kMostEntries; ++i) {
    const std::uint64_t tag = fields.address(header.bits);
    const std::uint64_t value = fields.address(header.bits);
    if (!fields.good() || tag == 0) break;
    switch (tag) {
      case 1:
        tags.needed.push_back(value);
        break;
      case 4:
        tags.hash = value;
        break;
      case 5:
        tags.names = value;
        break;
      case 6:
        tags.symbols = value;
        break;
      case 10:
        tags.names_size = value;
        break;
      case 0x6ffffef5:
        tags.gnu_hash = value;
        break;
      case 7:  // relocations
      case 17:
      case 23:
      case 0x6ffffff0:  // versions
      case 0x6ffffffc:
      case 0x6ffffffe:
        tags.tables.push_back(value);
        break;
      default:
        break;
    }
  }
  tags.tables.insert(tags.tables.end(), {tags.hash, tags.gnu_hash, tags.names});
  return tags;
}

// How many symbols a GNU hash table covers: the last of the last chain and those before.  0 when it
// has no chain, because nothing is exported.
std::uint64_t gnu_hash_count(ByteView table, const ElfHeader& header) {
  Fields fields(table, header.big_endian);
  const std::uint64_t buckets = fields.word();
  const std::uint64_t first = fields.word();
  const std::uint64_t blooms = fields.word();
  fields.word();
  fields.skip(blooms * (header.bits / 8));
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; fields.good() && i < buckets; ++i) {
    last = std::max<std::uint64_t>(last, fields.word());
  }
  if (!fields.good() || last < first) return 0;
  fields.skip((last - first) * 4);
  while (fields.good() && (fields.word() & 1) == 0) ++last;
  return fields.good() ? last + 1 : 0;
}

}  // namespace

std::optional<ElfDynamic> read_elf_dynamic(ByteView file, const ElfHeader& header,
                                           const std::vector<Segment>& segments) {
  const auto dynamic = std::find_if(segments.begin(), segments.end(), [](const Segment& segment) {
    return segment.type == kDynamicSegment;
  });
  if (dynamic == segments.end()) return std::nullopt;
  const Tags tags = read_tags(content(file, dynamic->offset, dynamic->size), header);

  ElfDynamic result;
  result.names = from_address(file, segments, tags.names);
  if (tags.names_size != 0 && tags.names_size < result.names.size()) {
    result.names = result.names.first(static_cast<std::size_t>(tags.names_size));
  }
  for (const std::uint64_t at : tags.needed) {
    const std::string_view name = text_at(result.names, at);
    if (!name.empty()) result.libraries.push_back(name);
  }

  if (tags.symbols == 0) return result;
  result.symbols = from_address(file, segments, tags.symbols);
  const std::uint64_t entry_size = header.bits == 64 ? 24 : 16;
  std::uint64_t count = 0;
  if (tags.gnu_hash != 0) {
    count = gnu_hash_count(from_address(file, segments, tags.gnu_hash), header);
  }
  if (tags.hash != 0) {
    Fields fields(from_address(file, segments, tags.hash), header.big_endian);
    fields.word();
    count = std::max<std::uint64_t>(count, fields.word());
  }
  if (count == 0) {
    // The table goes on to whatever comes next.
    std::uint64_t next = 0;
    for (const std::uint64_t table : tags.tables) {
      if (table > tags.symbols && (next == 0 || table < next)) next = table;
    }
    if (next != 0) count = (next - tags.symbols) / entry_size;
  }
  if (count != 0 && count < result.symbols.size() / entry_size) {
    result.symbols = result.symbols.first(static_cast<std::size_t>(count * entry_size));
  }
  return result;
}

}  // namespace minescan::inspect::programs
