#include "inspect/programs/wasm.h"

#include <algorithm>
#include <array>
#include <set>

#include "inspect/programs/fields.h"

namespace minescan::inspect::programs {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kSectionNames = {
    "custom"sv, "type"sv,  "import"sv,  "function"sv, "table"sv, "memory"sv,     "global"sv,
    "export"sv, "start"sv, "element"sv, "code"sv,     "data"sv,  "data count"sv, "tag"sv};
constexpr std::size_t kModuleHeader = 8;
// The upper half of the version tells a component, which holds modules.
constexpr std::uint32_t kComponent = 0x10000;

enum SectionId : std::uint8_t { custom = 0, imports = 2, exports = 7, code = 10, data = 11 };

std::string_view text(Fields& fields) {
  return as_text(fields.bytes(fields.leb())).substr(0, kLongestName);
}

void skip_limits(Fields& fields) {
  const std::uint64_t flags = fields.leb();
  fields.leb();
  if ((flags & 1) != 0) fields.leb();
}

bool full(Program& program, std::size_t count) {
  if (count < kMostSymbols) return false;
  add_problem(program.problems, "only the first 1,000,000 names are listed");
  return true;
}

void read_imports(Fields& fields, Program& program) {
  std::set<std::string_view> seen;
  const std::uint64_t count = fields.leb();
  for (std::uint64_t i = 0; i < count && fields.good(); ++i) {
    Import import{.library = text(fields), .name = {}};
    import.name = text(fields);
    switch (fields.byte()) {
      case 0:
        fields.leb();
        break;
      case 1:
        fields.byte();
        skip_limits(fields);
        break;
      case 2:
        skip_limits(fields);
        break;
      case 3:
        fields.skip(2);
        break;
      case 4:
        fields.byte();
        fields.leb();
        break;
      default:
        fields.skip(~std::uint64_t{0});  // an import of no known kind ends the table
    }
    if (!fields.good() || full(program, program.imports.size())) return;
    program.imports.push_back(import);
    if (seen.insert(import.library).second) program.libraries.push_back(import.library);
  }
}

void read_exports(Fields& fields, Program& program) {
  const std::uint64_t count = fields.leb();
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view name = text(fields);
    const std::uint8_t kind = fields.byte();
    const std::uint64_t index = fields.leb();
    if (!fields.good() || full(program, program.exports.size())) return;
    program.exports.push_back(name);
    if (kind != 0 || full(program, program.symbols.size())) continue;
    program.symbols.push_back({.name = name, .value = index, .type = 2, .binding = 1});
  }
}

void read_functions(Fields& fields, std::uint64_t offset, Program& program) {
  const std::uint64_t count = fields.leb();
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t size = fields.leb();
    const Range body{.offset = offset + fields.position(), .size = size};
    fields.skip(size);
    if (!fields.good() || full(program, program.functions.size())) return;
    program.functions.push_back(body);
  }
}

// Where a data segment goes: an expression of constants.  The first constant, or 0.
std::uint64_t read_address(Fields& fields) {
  std::uint64_t address = 0;
  bool known = false;
  while (fields.good()) {
    const std::uint8_t instruction = fields.byte();
    if (instruction == 0x0b) return address;
    if (instruction >= 0x6a && instruction <= 0x7e) continue;  // sums and the like
    const std::uint64_t operand = fields.leb();
    const bool constant = instruction == 0x41 || instruction == 0x42;
    if (constant && !known) {
      address = operand;
      known = true;
    }
    // Constants, globals, references; anything else has operands of other kinds.
    if (!constant && instruction != 0x23 && instruction != 0xd0 && instruction != 0xd2) {
      fields.skip(~std::uint64_t{0});
    }
  }
  return address;
}

void read_data(Fields& fields, std::uint64_t offset, Program& program) {
  const std::uint64_t count = fields.leb();
  for (std::uint64_t i = 0; i < count; ++i) {
    Segment segment{.name = "data"};
    const std::uint64_t mode = fields.leb();
    if (mode == 2) fields.leb();
    if (mode != 1) segment.address = read_address(fields);
    segment.size = fields.leb();
    segment.memory_size = segment.size;
    segment.offset = offset + fields.position();
    segment.writable = true;
    fields.skip(segment.size);
    if (!fields.good() || full(program, program.segments.size())) return;
    program.segments.push_back(segment);
  }
}

void read_names(Fields& fields, Program& program) {
  constexpr std::uint8_t kFunctionNames = 1;
  while (fields.good() && fields.left() != 0) {
    const std::uint8_t id = fields.byte();
    const ByteView bytes = fields.bytes(fields.leb());
    if (id != kFunctionNames) continue;
    Fields names(bytes, false);
    const std::uint64_t count = names.leb();
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t index = names.leb();
      const std::string_view name = text(names);
      if (!names.good() || full(program, program.symbols.size())) return;
      program.symbols.push_back({.name = name, .value = index, .type = 2});
    }
  }
}

// What is in a section whose body is at `section.offset`.
void read_body(ByteView body, Section& section, bool component, Program& program) {
  Fields fields(body, false);
  if (section.type == custom) {
    section.name = text(fields);
    if (section.name == "name") read_names(fields, program);
    return;
  }
  if (component) {
    // A module of its own, or a component.
    if (as_text(body).starts_with("\0asm"sv)) {
      program.slices.push_back({.machine = "wasm", .range = {section.offset, section.size}});
    }
    return;
  }
  switch (section.type) {
    case imports:
      read_imports(fields, program);
      break;
    case exports:
      read_exports(fields, program);
      break;
    case code:
      read_functions(fields, section.offset, program);
      break;
    case data:
      read_data(fields, section.offset, program);
      break;
    default:
      break;
  }
  if (!fields.good()) {
    add_problem(program.problems, "the section " + std::string(section.name) + " is cut short");
  }
}

}  // namespace

std::optional<Program> parse_wasm(ByteView file, std::uint64_t file_size) {
  if (!as_text(file).starts_with("\0asm"sv) || file.size() < kModuleHeader) return std::nullopt;
  Fields fields(file, false, 4);
  Program program{.format = "wasm", .machine = "wasm", .kind = "executable", .bits = 32};
  program.version = fields.word();
  const bool component = program.version >= kComponent;
  bool whole = true;
  std::uint64_t end = kModuleHeader;
  while (fields.left() != 0) {
    Section section;
    section.type = fields.byte();
    // What follows the module may begin with anything; no section has such a number.
    if (section.type >= kSectionNames.size()) break;
    section.memory_size = fields.leb();
    if (!fields.good()) {
      whole = false;
      break;
    }
    section.offset = fields.position();
    section.name = component ? "" : kSectionNames[section.type];
    section.executable = !component && section.type == code;
    const bool complete = section.memory_size <= fields.left();
    // More than the whole file has is no section, but what follows.
    if (!complete && section.memory_size > file_size - section.offset) break;
    section.size = section.memory_size;
    read_body(content(file, section), section, component, program);
    if (program.sections.size() == kMostSections) {
      add_problem(program.problems, "there are too many sections");
      whole = false;
      break;
    }
    program.sections.push_back(section);
    if (!complete) {
      add_problem(program.problems, "the sections are cut short");
      whole = false;
      break;
    }
    fields.skip(section.size);
    end = fields.position();
  }
  program.natural_length = whole && (end < file.size() || file.size() == file_size) ? end : 0;
  if (program.natural_length == 0) add_problem(program.problems, "the sections are cut short");
  return program;
}

std::uint64_t wasm_length(ByteView head, std::uint64_t file_size) {
  const auto program = parse_wasm(head, file_size);
  return program ? program->natural_length : 0;
}

}  // namespace minescan::inspect::programs
