#include "inspect/programs/elf.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/printable.h"
#include "inspect/programs/elf_dynamic.h"
#include "inspect/programs/elf_header.h"

namespace minescan::inspect::programs {
namespace {

struct Named {
  std::uint32_t number;
  std::string_view name;
};

// <elf.h>: EM_…
constexpr std::array kMachines = {
    Named{2, "SPARC"},      Named{3, "x86"},       Named{4, "68000"},    Named{8, "MIPS"},
    Named{15, "PA-RISC"},   Named{18, "SPARC"},    Named{20, "PowerPC"}, Named{21, "PowerPC64"},
    Named{22, "S/390"},     Named{40, "Arm"},      Named{42, "SuperH"},  Named{43, "SPARC V9"},
    Named{50, "Itanium"},   Named{62, "x86-64"},   Named{83, "AVR"},     Named{93, "ARC"},
    Named{94, "Xtensa"},    Named{183, "AArch64"}, Named{190, "CUDA"},   Named{195, "ARCv2"},
    Named{224, "AMD GPU"},  Named{243, "RISC-V"},  Named{247, "BPF"},    Named{258, "LoongArch"},
    Named{0x9026, "Alpha"},
};

// PT_…
constexpr std::array kSegments = {
    Named{1, "LOAD"},
    Named{2, "DYNAMIC"},
    Named{3, "INTERP"},
    Named{4, "NOTE"},
    Named{6, "PHDR"},
    Named{7, "TLS"},
    Named{0x6474e550, "GNU_EH_FRAME"},
    Named{0x6474e551, "GNU_STACK"},
    Named{0x6474e552, "GNU_RELRO"},
    Named{0x6474e553, "GNU_PROPERTY"},
};

constexpr std::uint32_t kInterpreter = 3, kNoteSegment = 4;
constexpr std::uint32_t kSymbolTable = 2, kDynamicTable = 6, kNoteSection = 7, kDynamicSymbols = 11;
constexpr std::size_t kMostNotes = 10'000, kMostLibraries = 10'000;

template <class Table>
std::string_view name_of(const Table& table, std::uint32_t number) {
  for (const Named& named : table) {
    if (named.number == number) return named.name;
  }
  return {};
}

std::string_view kind_of(std::uint16_t type) {
  switch (type) {
    case 1:
      return "object file";
    case 2:
      return "executable";
    case 3:
      return "shared library";  // or an executable that can be loaded anywhere
    case 4:
      return "core dump";
    default:
      return "other";
  }
}

// The furthest end of parts that a file of `file_size` bytes can have.
class Extent {
 public:
  explicit Extent(std::uint64_t file_size) : file_size_(file_size) {}
  void add(std::uint64_t offset, std::uint64_t size) {
    if (size == 0 || offset > file_size_ || size > file_size_ - offset) return;
    end_ = std::max(end_, offset + size);
  }
  [[nodiscard]] std::uint64_t end() const { return end_; }

 private:
  std::uint64_t file_size_;
  std::uint64_t end_ = 0;
};

std::uint64_t length_by(const ElfHeader& header, const std::vector<Segment>& segments,
                        const std::vector<Section>& sections, std::uint64_t file_size) {
  Extent extent(file_size);
  extent.add(0, header.size());
  extent.add(header.segments.offset, header.segments.bytes());
  extent.add(header.sections.offset, header.sections.bytes());
  for (const Segment& segment : segments) extent.add(segment.offset, segment.size);
  for (const Section& section : sections) extent.add(section.offset, section.size);
  return extent.end();
}

std::vector<Segment> read_segments(ByteView file, const ElfHeader& header,
                                   std::vector<std::string>& problems) {
  std::vector<Segment> segments;
  const std::uint64_t count = std::min<std::uint64_t>(header.segments.count, kMostSections);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto segment = read_elf_segment(file, header, i);
    if (!segment) {
      add_problem(problems, "program headers are missing: " + std::to_string(i) + " of " +
                                std::to_string(header.segments.count) + " are there");
      break;
    }
    segment->name = name_of(kSegments, segment->type);
    segments.push_back(*segment);
  }
  return segments;
}

std::vector<Section> read_sections(ByteView file, const ElfHeader& header,
                                   std::vector<std::string>& problems) {
  const std::uint64_t count = std::min<std::uint64_t>(header.sections.count, kMostSections);
  if (count < header.sections.count) {
    add_problem(problems,
                "there are too many section headers: " + std::to_string(header.sections.count));
  }
  ByteView names;
  if (const auto table = read_elf_section(file, header, header.names)) {
    names = content(file, table->section);
  } else if (header.sections.count != 0) {
    add_problem(problems, "the names of sections are missing");
  }
  std::vector<Section> sections;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto section = read_elf_section(file, header, i);
    if (!section) {
      add_problem(problems, "section headers are missing: " + std::to_string(i) + " of " +
                                std::to_string(header.sections.count) + " are there");
      break;
    }
    section->section.name = text_at(names, section->name_at);
    sections.push_back(section->section);
  }
  return sections;
}

void read_symbols(ByteView table, ByteView names, const ElfHeader& header, bool dynamic,
                  Program& program) {
  Fields fields(table, header.big_endian);
  const std::size_t entry_size = header.bits == 64 ? 24 : 16;
  // The first of every table stands for "no symbol".
  fields.skip(entry_size);
  while (fields.left() >= entry_size) {
    if (program.symbols.size() == kMostSymbols) {
      add_problem(program.problems, "only the first 1,000,000 symbols are listed");
      return;
    }
    Symbol symbol;
    const std::uint32_t name = fields.word();
    if (header.bits == 32) {
      symbol.value = fields.word();
      symbol.size = fields.word();
    }
    const std::uint8_t info = fields.byte();
    symbol.other = fields.byte();
    symbol.section = fields.half();
    if (header.bits == 64) {
      symbol.value = fields.wide();
      symbol.size = fields.wide();
    }
    symbol.type = info & 0xf;
    symbol.binding = info >> 4;
    symbol.dynamic = dynamic;
    symbol.name = text_at(names, name);
    program.symbols.push_back(symbol);
  }
}

void read_symbol_sections(ByteView file, const ElfHeader& header, std::uint32_t type,
                          Program& program) {
  for (const Section& section : program.sections) {
    if (section.type != type) continue;
    const ByteView table = content(file, section);
    if (table.size() < section.size) add_problem(program.problems, "symbols are missing");
    if (section.link >= program.sections.size()) {
      add_problem(program.problems, "the names of symbols are missing");
      continue;
    }
    read_symbols(table, content(file, program.sections[section.link]), header,
                 type == kDynamicSymbols, program);
  }
}

// What the loader sees counts; sections only where it sees nothing.
void read_loader_view(ByteView file, const ElfHeader& header, Program& program) {
  if (const auto dynamic = read_elf_dynamic(file, header, program.segments)) {
    program.libraries = dynamic->libraries;
    read_symbols(dynamic->symbols, dynamic->names, header, true, program);
    if (dynamic->names.empty()) {
      add_problem(program.problems, "what the dynamic segment points to is missing");
    }
  }
  if (program.libraries.empty()) {
    const auto table =
        std::find_if(program.sections.begin(), program.sections.end(),
                     [](const Section& section) { return section.type == kDynamicTable; });
    if (table != program.sections.end() && table->link < program.sections.size()) {
      Fields fields(content(file, *table), header.big_endian);
      const ByteView names = content(file, program.sections[table->link]);
      while (fields.left() >= header.bits / 4 && program.libraries.size() < kMostLibraries) {
        const std::uint64_t tag = fields.address(header.bits);
        const std::uint64_t value = fields.address(header.bits);
        if (tag == 1) program.libraries.push_back(text_at(names, value));
      }
    }
  }
  if (program.symbols.empty()) read_symbol_sections(file, header, kDynamicSymbols, program);
  for (const Symbol& symbol : program.symbols) {
    if (symbol.name.empty()) continue;
    if (symbol.section == 0) {
      program.imports.push_back({.library = {}, .name = symbol.name});
    } else if (symbol.binding == 1 || symbol.binding == 2) {
      program.exports.push_back(symbol.name);
    }
  }
}

void read_all_notes(ByteView file, const ElfHeader& header, Program& program) {
  // Most are in a segment and in a section.
  const bool loaded = std::any_of(program.segments.begin(), program.segments.end(),
                                  [](const Segment& s) { return s.type == kNoteSegment; });
  for (const Segment& segment : program.segments) {
    if (segment.type != kNoteSegment) continue;
    read_notes(content(file, segment.offset, segment.size), header.big_endian, program.notes);
  }
  for (const Section& section : program.sections) {
    constexpr std::uint64_t kAllocated = 2;
    if (section.type != kNoteSection || (loaded && (section.flags & kAllocated) != 0)) continue;
    read_notes(content(file, section), header.big_endian, program.notes);
  }
  for (const Note& note : program.notes) {
    if (note.owner == "GNU" && note.type == 3)
      program.build_id = hex(note.body.first(std::min<std::size_t>(note.body.size(), 64)));
  }
}

}  // namespace

void read_notes(ByteView bytes, bool big_endian, std::vector<Note>& notes) {
  Fields fields(bytes, big_endian);
  const auto align = [&] {
    const std::uint64_t over = fields.position() % 4;
    if (over != 0) fields.skip(std::min<std::uint64_t>(4 - over, fields.left()));
  };
  while (fields.left() >= 12 && notes.size() < kMostNotes) {
    const std::uint32_t name_size = fields.word();
    const std::uint32_t body_size = fields.word();
    Note note;
    note.type = fields.word();
    note.owner = fields.text(name_size);
    align();
    note.body = fields.bytes(body_size);
    align();
    if (!fields.good()) return;
    notes.push_back(note);
  }
}

std::optional<Program> parse_elf(ByteView file, std::uint64_t file_size) {
  auto header = read_elf_header(file);
  if (!header) return std::nullopt;
  Program program{.format = "ELF"};
  program.machine = name_of(kMachines, header->machine);
  if (program.machine.empty()) program.machine = "machine " + hexadecimal(header->machine);
  program.kind = kind_of(header->type);
  program.bits = header->bits;
  program.big_endian = header->big_endian;
  program.machine_number = header->machine;
  program.type_number = header->type;
  program.flags = header->flags;
  program.version = header->version;
  program.os_abi = header->os_abi;
  program.abi_version = header->abi_version;
  program.entry = header->entry;
  program.problems = std::move(header->problems);

  program.segments = read_segments(file, *header, program.problems);
  program.sections = read_sections(file, *header, program.problems);
  program.natural_length = length_by(*header, program.segments, program.sections, file_size);
  for (const Segment& segment : program.segments) {
    if (segment.type == kInterpreter) {
      program.interpreter = text_at(content(file, segment.offset, segment.size), 0);
    }
    if (segment.size != 0 && content(file, segment.offset, segment.size).size() < segment.size) {
      add_problem(program.problems, "segments end after the file");
    }
  }
  read_loader_view(file, *header, program);
  read_symbol_sections(file, *header, kSymbolTable, program);
  read_all_notes(file, *header, program);
  return program;
}

std::uint64_t elf_length(ByteView head, std::uint64_t file_size) {
  const auto header = read_elf_header(head);
  if (!header) return 0;
  std::vector<std::string> problems;
  return length_by(*header, read_segments(head, *header, problems),
                   read_sections(head, *header, problems), file_size);
}

}  // namespace minescan::inspect::programs
