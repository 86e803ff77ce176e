#include "inspect/programs/pe.h"

#include <algorithm>

#include "base/digest.h"
#include "base/printable.h"
#include "inspect/programs/net.h"
#include "inspect/programs/pe_header.h"

namespace minescan::inspect::programs {
namespace {

constexpr std::size_t kMostLibraries = 10'000;

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case 0x14c:
      return "x86";
    case 0x8664:
      return "x86-64";
    case 0x1c0:
    case 0x1c2:
    case 0x1c4:
      return "Arm";
    case 0xaa64:
      return "AArch64";
    case 0x200:
      return "Itanium";
    case 0x5032:
    case 0x5064:
      return "RISC-V";
    case 0x6232:
    case 0x6264:
      return "LoongArch";
    case 0xebc:
      return "EFI byte code";
    default:
      return "machine " + hexadecimal(machine);
  }
}

bool full(Program& program, std::size_t count) {
  if (count < kMostSymbols) return false;
  add_problem(program.problems, "only the first 1,000,000 names are listed");
  return true;
}

// The names behind a table of thunks.
void read_thunks(ByteView file, const PeHeader& header, std::uint64_t table,
                 std::string_view library, Program& program) {
  Fields thunks(header.at(file, table), false);
  while (!full(program, program.imports.size())) {
    const std::uint64_t thunk = thunks.address(header.bits);
    if (!thunks.good() || thunk == 0) return;
    Import import{.library = library, .name = {}};
    if ((thunk >> (header.bits - 1)) != 0) {
      import.number = static_cast<std::uint32_t>(thunk & 0xffff);
    } else {
      import.name = text_at(header.at(file, thunk & 0x7fffffff), 2);  // after a hint
      if (import.name.empty()) return;
    }
    program.imports.push_back(import);
  }
}

void read_imports(ByteView file, const PeHeader& header, Program& program) {
  const Range directory = header.directory(PeDirectory::imports);
  if (directory.offset == 0) return;
  Fields fields(header.at(file, directory.offset), false);
  while (program.libraries.size() < kMostLibraries) {
    const std::uint32_t names = fields.word();
    fields.skip(8);
    const std::uint32_t library_at = fields.word();
    const std::uint32_t addresses = fields.word();
    if (!fields.good()) {
      add_problem(program.problems, "the table of imports is cut short");
      return;
    }
    // The loader ends at a descriptor without a library or without a place for addresses.
    if (library_at == 0 || addresses == 0) return;
    const std::string_view library = text_at(header.at(file, library_at), 0);
    program.libraries.push_back(library);
    // Before they are bound, both tables are the same; packers leave out the first.
    const std::uint32_t table = header.at(file, names).empty() || names == 0 ? addresses : names;
    read_thunks(file, header, table, library, program);
  }
}

void read_delayed_imports(ByteView file, const PeHeader& header, Program& program) {
  const Range directory = header.directory(PeDirectory::delayed_imports);
  if (directory.offset == 0) return;
  Fields fields(header.at(file, directory.offset), false);
  while (program.libraries.size() < kMostLibraries) {
    const std::uint32_t attributes = fields.word();
    const std::uint32_t library_at = fields.word();
    fields.skip(8);
    const std::uint32_t names = fields.word();
    fields.skip(12);
    // Before Visual C++ 7 there were addresses in memory here.
    if (!fields.good() || library_at == 0 || (attributes & 1) == 0) return;
    const std::string_view library = text_at(header.at(file, library_at), 0);
    program.libraries.push_back(library);
    read_thunks(file, header, names, library, program);
  }
}

void read_exports(ByteView file, const PeHeader& header, Program& program) {
  const Range directory = header.directory(PeDirectory::exports);
  if (directory.offset == 0) return;
  Fields fields(header.at(file, directory.offset), false);
  fields.skip(24);
  const std::uint32_t count = fields.word();
  fields.skip(4);
  Fields names(header.at(file, fields.word()), false);
  for (std::uint32_t i = 0; i < count && !full(program, program.exports.size()); ++i) {
    const std::string_view name = text_at(header.at(file, names.word()), 0);
    if (!names.good() || !fields.good()) {
      add_problem(program.problems, "the table of exports is cut short");
      return;
    }
    if (!name.empty()) program.exports.push_back(name);
  }
}

void read_debug(ByteView file, const PeHeader& header, Program& program) {
  const Range directory = header.directory(PeDirectory::debug);
  if (directory.offset == 0) return;
  constexpr std::size_t kEntry = 28, kMostEntries = 64;
  const ByteView table = header.at(file, directory.offset);
  Fields fields(content(table, 0, directory.size), false);
  for (std::size_t i = 0; i < kMostEntries && fields.left() >= kEntry; ++i) {
    fields.skip(12);
    const std::uint32_t type = fields.word();
    const std::uint32_t size = fields.word();
    fields.word();
    const std::uint32_t offset = fields.word();
    constexpr std::uint32_t kCodeView = 2;
    const ByteView body = content(file, offset, size);
    if (type != kCodeView || !as_text(body).starts_with("RSDS") || body.size() < 24) continue;
    program.build_id = hex(body.subspan(4, 20));
    program.debug_file = text_at(body, 24);
  }
}

void read_symbols(ByteView file, const PeHeader& header, Program& program) {
  if (header.symbols_at == 0) return;
  const ByteView long_names = header.long_names(file);
  Fields fields(file, false, header.symbols_at);
  std::uint32_t extra = 0;  // records that belong to the last symbol
  for (std::uint64_t i = 0; i < header.symbol_count; ++i) {
    const ByteView name = fields.bytes(8);
    Symbol symbol;
    symbol.value = fields.word();
    symbol.section = fields.half();
    const std::uint16_t type = fields.half();
    const std::uint8_t storage = fields.byte();
    const std::uint8_t records = fields.byte();
    if (!fields.good()) {
      add_problem(program.problems, "symbols are missing");
      return;
    }
    if (extra != 0) {
      --extra;
      continue;
    }
    extra = records;
    constexpr std::uint8_t kExternal = 2, kFile = 103;
    if (storage == kFile) continue;
    Fields short_or_long(name, false);
    symbol.name =
        short_or_long.word() == 0 ? text_at(long_names, short_or_long.word()) : text_at(name, 0);
    symbol.type = (type >> 4) == 2 ? 2 : 0;  // as in ELF: a function
    symbol.binding = storage == kExternal ? 1 : 0;
    if (full(program, program.symbols.size())) return;
    program.symbols.push_back(symbol);
  }
}

void read_net(ByteView file, const PeHeader& header, Program& program) {
  const Range directory = header.directory(PeDirectory::net);
  if (directory.offset == 0) return;
  Fields fields(header.at(file, directory.offset), false);
  fields.skip(8);
  const std::uint32_t metadata = fields.word();
  const std::uint32_t size = fields.word();
  const ByteView bytes = content(header.at(file, metadata), 0, size);
  program.net = read_net_metadata(bytes, program.problems);
  if (!program.net) add_problem(program.problems, "the metadata of the assembly is missing");
}

std::uint64_t length_by(ByteView file, const PeHeader& header, std::uint64_t file_size) {
  std::uint64_t end = std::min(std::max(header.headers_end, header.headers_size), file_size);
  const auto add = [&](std::uint64_t offset, std::uint64_t size) {
    if (size != 0 && offset <= file_size && size <= file_size - offset) {
      end = std::max(end, offset + size);
    }
  };
  for (const Section& section : header.sections) add(section.offset, section.size);
  if (header.symbols_at != 0) {
    const std::size_t names = header.long_names(file).size();
    add(header.symbols_at, header.symbol_count * 18 + std::max<std::size_t>(names, 4));
  }
  const Range certificates = header.directory(PeDirectory::certificates);
  if (certificates.offset >= end && certificates.offset - end < 16) {
    add(certificates.offset, certificates.size);
  }
  return end;
}

}  // namespace

std::optional<Program> parse_pe(ByteView file, std::uint64_t file_size) {
  auto header = read_pe_header(file);
  if (!header) return std::nullopt;
  constexpr std::uint16_t kLibrary = 0x2000;
  Program program{.format = "PE"};
  program.machine = machine_name(header->machine);
  program.kind = (header->characteristics & kLibrary) != 0 ? "shared library" : "executable";
  program.bits = header->bits;
  program.machine_number = header->machine;
  program.type_number = header->characteristics;
  program.entry = header->entry;
  program.base = header->base;
  program.natural_length = length_by(file, *header, file_size);
  program.problems = header->problems;
  program.sections = header->sections;
  for (const Section& section : program.sections) {
    if (content(file, section).size() < section.size) {
      add_problem(program.problems, "sections end after the file");
    }
  }
  read_imports(file, *header, program);
  read_delayed_imports(file, *header, program);
  read_exports(file, *header, program);
  read_debug(file, *header, program);
  read_symbols(file, *header, program);
  read_net(file, *header, program);
  return program;
}

std::uint64_t pe_length(ByteView head, std::uint64_t file_size) {
  const auto header = read_pe_header(head);
  return header ? length_by(head, *header, file_size) : 0;
}

}  // namespace minescan::inspect::programs
