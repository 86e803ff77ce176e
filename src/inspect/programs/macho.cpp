#include "inspect/programs/macho.h"

#include <algorithm>

#include "base/digest.h"
#include "base/printable.h"
#include "inspect/programs/fields.h"

namespace minescan::inspect::programs {
namespace {

constexpr std::size_t kMostCommands = 100'000;  // linkers write some dozens
constexpr std::size_t kMostSlices = 64;         // lipo makes one per processor

std::string machine_name(std::uint32_t type) {
  switch (type) {
    case 7:
      return "x86";
    case 0x1000007:
      return "x86-64";
    case 12:
    case 0x200000c:
      return "Arm";
    case 0x100000c:
      return "AArch64";
    case 18:
      return "PowerPC";
    case 0x1000012:
      return "PowerPC64";
    case 0x1000017:
      return "Apple GPU";
    default:
      return "machine " + hexadecimal(type);
  }
}

std::string_view kind_of(std::uint32_t type) {
  switch (type) {
    case 1:
      return "object file";
    case 2:
      return "executable";
    case 4:
      return "core dump";
    case 6:
    case 8:
      return "shared library";
    default:
      return "other";
  }
}

struct Header {
  unsigned bits = 0;
  bool big_endian = false;
  std::uint32_t machine = 0;
  std::uint32_t type = 0;
  std::uint32_t commands = 0;
  [[nodiscard]] std::size_t size() const { return bits == 64 ? 32 : 28; }
};

std::optional<Header> read_header(ByteView file) {
  Header header;
  const std::uint32_t magic = Fields(file, false).word();
  header.bits = magic == 0xfeedfacf || magic == 0xcffaedfe ? 64 : 32;
  header.big_endian = magic == 0xcefaedfe || magic == 0xcffaedfe;
  if (!header.big_endian && magic != 0xfeedface && magic != 0xfeedfacf) return std::nullopt;
  Fields fields(file, header.big_endian, 4);
  header.machine = fields.word();
  fields.word();
  header.type = fields.word();
  header.commands = fields.word();
  fields.skip(header.size() - 20);
  if (!fields.good()) return std::nullopt;
  return header;
}

// What one program has before its symbols are looked at.
struct Parts {
  Program program;
  Range symbols;  // .size: how many
  Range names;
  std::uint64_t end = 0;
};

void read_segment(Fields fields, const Header& header, std::uint64_t file_size, Parts& parts) {
  Segment segment;
  segment.name = fields.text(16);
  segment.address = fields.address(header.bits);
  segment.memory_size = fields.address(header.bits);
  segment.offset = fields.address(header.bits);
  segment.size = fields.address(header.bits);
  fields.word();
  const std::uint32_t protection = fields.word();
  const std::uint32_t count = fields.word();
  fields.word();
  if (!fields.good()) return;
  segment.writable = (protection & 2) != 0;
  segment.executable = (protection & 4) != 0;
  const auto fits = [&](std::uint64_t offset, std::uint64_t size) {
    return offset <= file_size && size <= file_size - offset;
  };
  if (fits(segment.offset, segment.size)) {
    parts.end = std::max(parts.end, segment.offset + segment.size);
  }
  parts.program.segments.push_back(segment);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (parts.program.sections.size() == kMostSections) {
      add_problem(parts.program.problems, "there are too many sections");
      return;
    }
    Section section;
    section.name = fields.text(16);
    fields.skip(16);
    section.address = fields.address(header.bits);
    section.memory_size = fields.address(header.bits);
    section.offset = fields.word();
    fields.skip(12);
    section.flags = fields.word();
    fields.skip(header.bits == 64 ? 12 : 8);
    if (!fields.good()) {
      add_problem(parts.program.problems, "section headers are missing");
      return;
    }
    const std::uint64_t type = section.flags & 0xff;
    const bool zeros = type == 1 || type == 12 || type == 18;
    section.size = zeros ? 0 : section.memory_size;
    section.executable = (section.flags & 0x80000400) != 0;
    section.writable = segment.writable;
    parts.program.sections.push_back(section);
  }
}

// One load command, `bytes`, with its head of 8 bytes.
void read_command(ByteView bytes, const Header& header, std::uint64_t file_size, Parts& parts) {
  Fields fields(bytes, header.big_endian);
  const std::uint32_t command = fields.word();
  fields.word();
  Program& program = parts.program;
  switch (command) {
    case 0x1:
    case 0x19:
      read_segment(fields, header, file_size, parts);
      break;
    case 0x2:
      parts.symbols.offset = fields.word();
      parts.symbols.size = fields.word();
      parts.names.offset = fields.word();
      parts.names.size = fields.word();
      break;
    case 0xc:  // libraries: needed, weak, re-exported, lazy, upward
    case 0x80000018:
    case 0x8000001f:
    case 0x20:
    case 0x80000023:
      program.libraries.push_back(text_at(bytes, fields.word()));
      break;
    case 0xe:
      program.interpreter = text_at(bytes, fields.word());
      break;
    case 0x1b:
      program.build_id = hex(fields.bytes(16));
      break;
    case 0x21:  // encrypted, in either width
    case 0x2c:
      fields.skip(8);
      if (fields.word() != 0) add_problem(program.problems, "its code is encrypted");
      break;
    case 0x80000028:
      program.entry = fields.wide();
      break;
    default:
      break;
  }
}

void read_commands(ByteView file, const Header& header, std::uint64_t file_size, Parts& parts) {
  Fields fields(file, header.big_endian, header.size());
  for (std::uint32_t i = 0; i < header.commands; ++i) {
    const std::size_t at = fields.position();
    fields.word();
    const std::uint32_t size = fields.word();
    fields.seek(at);
    const ByteView bytes = fields.bytes(size);
    if (!fields.good() || size < 8 || i == kMostCommands) {
      add_problem(parts.program.problems, "load commands are missing: " + std::to_string(i) +
                                              " of " + std::to_string(header.commands) +
                                              " are there");
      return;
    }
    read_command(bytes, header, file_size, parts);
  }
}

void read_symbols(ByteView file, const Header& header, Parts& parts) {
  Program& program = parts.program;
  const ByteView names = content(file, parts.names.offset, parts.names.size);
  if (names.size() < parts.names.size) add_problem(program.problems, "names are missing");
  Fields fields(file, header.big_endian, parts.symbols.offset);
  for (std::uint64_t i = 0; i < parts.symbols.size; ++i) {
    if (program.symbols.size() == kMostSymbols) {
      add_problem(program.problems, "only the first 1,000,000 symbols are listed");
      return;
    }
    const std::uint32_t name = fields.word();
    Symbol symbol;
    symbol.type = fields.byte();
    symbol.section = fields.byte();
    const std::uint16_t detail = fields.half();
    symbol.value = fields.address(header.bits);
    if (!fields.good()) {
      add_problem(program.problems, "symbols are missing");
      return;
    }
    symbol.name = text_at(names, name);
    const bool debugging = (symbol.type & 0xe0) != 0;
    const bool external = (symbol.type & 1) != 0;
    const bool defined = (symbol.type & 0xe) != 0;
    symbol.binding = external ? 1 : 0;
    symbol.dynamic = external && !debugging;
    program.symbols.push_back(symbol);
    if (!symbol.dynamic || symbol.name.empty()) continue;
    if (defined) {
      program.exports.push_back(symbol.name);
      continue;
    }
    const std::size_t library = detail >> 8;
    Import import{.library = {}, .name = symbol.name};
    if (library >= 1 && library <= program.libraries.size()) {
      import.library = program.libraries[library - 1];
    }
    program.imports.push_back(import);
  }
}

Parts read_parts(ByteView file, const Header& header, std::uint64_t file_size) {
  Parts parts;
  parts.program.format = "Mach-O";
  parts.program.machine = machine_name(header.machine);
  parts.program.kind = kind_of(header.type);
  parts.program.bits = header.bits;
  parts.program.big_endian = header.big_endian;
  parts.program.machine_number = header.machine;
  parts.program.type_number = header.type;
  parts.end = header.size();
  read_commands(file, header, file_size, parts);
  // Objects have symbols behind their only segment.
  const std::uint64_t entry_size = header.bits == 64 ? 16 : 12;
  for (const Range& range :
       {Range{parts.symbols.offset, parts.symbols.size * entry_size}, parts.names}) {
    if (range.offset <= file_size && range.size <= file_size - range.offset && range.size != 0) {
      parts.end = std::max(parts.end, range.offset + range.size);
    }
  }
  parts.program.natural_length = parts.end;
  return parts;
}

// The slices of a universal file.  Java's classes begin alike, with a number instead of the count
// that is larger than any count of slices here would be plausible for: 45 and more.
std::vector<Slice> read_slices(ByteView file) {
  Fields fields(file, true);
  const std::uint32_t magic = fields.word();
  const bool wide = magic == 0xcafebabf;
  if (!wide && magic != 0xcafebabe) return {};
  const std::uint32_t count = fields.word();
  constexpr std::uint32_t kFirstClassVersion = 45;
  if (count == 0 || (!wide && count >= kFirstClassVersion) || count > kMostSlices) return {};
  std::vector<Slice> slices;
  for (std::uint32_t i = 0; i < count; ++i) {
    Slice slice;
    slice.machine = machine_name(fields.word());
    fields.word();
    slice.range.offset = wide ? fields.wide() : fields.word();
    slice.range.size = wide ? fields.wide() : fields.word();
    fields.skip(wide ? 8 : 4);
    if (!fields.good()) break;
    slices.push_back(slice);
  }
  return slices;
}

std::uint64_t slices_end(const std::vector<Slice>& slices, std::uint64_t file_size) {
  std::uint64_t end = 0;
  for (const Slice& slice : slices) {
    if (slice.range.offset <= file_size && slice.range.size <= file_size - slice.range.offset) {
      end = std::max(end, slice.range.offset + slice.range.size);
    }
  }
  return end;
}

std::optional<Program> parse_thin(ByteView file, std::uint64_t file_size) {
  const auto header = read_header(file);
  if (!header) return std::nullopt;
  Parts parts = read_parts(file, *header, file_size);
  read_symbols(file, *header, parts);
  for (const Segment& segment : parts.program.segments) {
    if (content(file, segment.offset, segment.size).size() < segment.size) {
      add_problem(parts.program.problems, "segments end after the file");
    }
  }
  return std::move(parts.program);
}

}  // namespace

std::optional<Program> parse_macho(ByteView file, std::uint64_t file_size) {
  const std::vector<Slice> slices = read_slices(file);
  if (slices.empty()) return parse_thin(file, file_size);
  std::optional<Program> result;
  for (const Slice& slice : slices) {
    const ByteView bytes = content(file, slice.range.offset, slice.range.size);
    result = parse_thin(bytes, slice.range.size);
    if (!result) continue;
    for (Segment& segment : result->segments) segment.offset += slice.range.offset;
    for (Section& section : result->sections) {
      if (section.size != 0) section.offset += slice.range.offset;
    }
    break;
  }
  if (!result) {
    // Without a program in it, it may be anything; what lies past the first part may be one.
    if (slices_end(slices, file_size) <= file.size()) return std::nullopt;
    result = Program{.format = "Mach-O", .kind = "other"};
    add_problem(result->problems, "its programs lie past the end");
  }
  result->slices = slices;
  result->natural_length = slices_end(slices, file_size);
  return result;
}

std::uint64_t macho_length(ByteView head, std::uint64_t file_size) {
  const std::vector<Slice> slices = read_slices(head);
  if (!slices.empty()) return slices_end(slices, file_size);
  const auto header = read_header(head);
  return header ? read_parts(head, *header, file_size).end : 0;
}

}  // namespace minescan::inspect::programs
