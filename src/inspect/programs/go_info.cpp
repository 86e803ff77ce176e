#include "inspect/programs/go_info.h"

#include <algorithm>
#include <array>
#include <functional>

#include "inspect/programs/fields.h"

namespace minescan::inspect::programs {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kBuildInfo = "\xff Go buildinf:"sv;
constexpr std::size_t kAlignment = 16;       // of both tables
constexpr std::size_t kMostTables = 8;       // that are looked at to find the right one
constexpr std::size_t kMostLines = 100'000;  // of module information

ByteView named(const Program& program, ByteView file, std::string_view elf,
               std::string_view macho) {
  for (const Section& section : program.sections) {
    if (section.name == elf || section.name == macho) return content(file, section);
  }
  return {};
}

// Everything in the file from an address on, up to the end of what it is loaded with.
ByteView from_address(const Program& program, ByteView file, std::uint64_t address) {
  const auto look = [&](const auto& parts) -> ByteView {
    for (const auto& part : parts) {
      const std::uint64_t start = part.address + program.base;
      if (part.size == 0 || address < start || address - start >= part.size) continue;
      const ByteView bytes = content(file, part.offset, part.size);
      return content(bytes, address - start, bytes.size());
    }
    return {};
  };
  const ByteView found = look(program.segments);
  return found.empty() ? look(program.sections) : found;
}

// The build information: in its own section or, without sections or in PE, somewhere in the data.
ByteView find_build_info(const Program& program, ByteView file) {
  const ByteView own = named(program, file, ".go.buildinfo", "__go_buildinfo");
  if (as_text(own).starts_with(kBuildInfo)) return own;
  const std::boyer_moore_horspool_searcher searcher(kBuildInfo.begin(), kBuildInfo.end());
  std::size_t left = file.size();  // parts may overlap
  const auto look = [&](const auto& parts) -> ByteView {
    for (const auto& part : parts) {
      if (!part.writable) continue;
      const ByteView bytes = content(file, part.offset, std::min<std::uint64_t>(part.size, left));
      left -= bytes.size();
      const std::string_view text = as_text(bytes);
      for (auto at = text.begin(); at != text.end();) {
        at = std::search(at, text.end(), searcher);
        if (at == text.end()) break;
        const auto offset = static_cast<std::size_t>(at - text.begin());
        if (offset % kAlignment == 0) return bytes.subspan(offset);
        ++at;
      }
    }
    return {};
  };
  return program.sections.empty() ? look(program.segments) : look(program.sections);
}

// Until Go 1.18 there were addresses of strings, which are an address and a length each.
std::string_view string_at(const Program& program, ByteView file, std::uint64_t address,
                           unsigned bits, bool big_endian) {
  Fields fields(from_address(program, file, address), big_endian);
  const std::uint64_t text = fields.address(bits);
  const std::uint64_t size = fields.address(bits);
  const ByteView bytes = from_address(program, file, text);
  return fields.good() && size <= bytes.size()
             ? as_text(bytes.first(static_cast<std::size_t>(size)))
             : std::string_view();
}

std::string_view cut(std::string_view& text, char end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

void read_modules(std::string_view text, GoInfo& info) {
  // 16 bytes in front and behind, by which debuggers find it.
  constexpr std::size_t kFrame = 16;
  if (text.size() < 2 * kFrame + 1 || text[text.size() - kFrame - 1] != '\n') return;
  text = text.substr(kFrame, text.size() - 2 * kFrame);
  for (std::size_t i = 0; i < kMostLines && !text.empty(); ++i) {
    std::string_view line = cut(text, '\n').substr(0, kLongestName);
    const std::string_view kind = cut(line, '\t');
    if (kind == "path") {
      info.path = line;
    } else if (kind == "mod" || kind == "dep" || kind == "=>") {
      const std::string_view name = cut(line, '\t');
      const std::string_view version = cut(line, '\t');
      info.modules.push_back(std::string(name) + " " + std::string(version));
    } else if (kind == "build") {
      info.settings.push_back(line);
    }
  }
}

void read_build_info(const Program& program, ByteView file, ByteView table, GoInfo& info) {
  constexpr std::size_t kHeader = 32;
  Fields fields(table, false, kBuildInfo.size());
  const std::uint8_t pointer = fields.byte();
  const std::uint8_t flags = fields.byte();
  if ((flags & 2) != 0) {
    fields.seek(kHeader);
    info.version = as_text(fields.bytes(fields.leb()));
    read_modules(as_text(fields.bytes(fields.leb())), info);
    return;
  }
  const bool big_endian = (flags & 1) != 0;
  const unsigned bits = pointer == 8 ? 64 : 32;
  Fields addresses(table, big_endian, 16);
  const std::uint64_t version = addresses.address(bits);
  const std::uint64_t modules = addresses.address(bits);
  info.version = string_at(program, file, version, bits, big_endian);
  read_modules(string_at(program, file, modules, bits, big_endian), info);
}

// The table by which a Go program finds the names and lines of its functions.
struct LineTable {
  unsigned version = 0;  // of Go that began to write it so: 102, 116, 118, 120
  unsigned bits = 0;
  bool big_endian = false;
};

std::optional<LineTable> line_table(ByteView bytes) {
  if (bytes.size() < 8) return std::nullopt;
  const bool big_endian = bytes[0] == std::byte{0xff};
  Fields fields(bytes, big_endian);
  LineTable table{.big_endian = big_endian};
  switch (fields.word()) {
    case 0xfffffffb:
      table.version = 102;
      break;
    case 0xfffffffa:
      table.version = 116;
      break;
    case 0xfffffff0:
      table.version = 118;
      break;
    case 0xfffffff1:
      table.version = 120;
      break;
    default:
      return std::nullopt;
  }
  const std::uint16_t zero = fields.half();
  const std::uint8_t quantum = fields.byte();
  const std::uint8_t pointer = fields.byte();
  if (zero != 0 || (quantum != 1 && quantum != 2 && quantum != 4)) return std::nullopt;
  if (pointer != 4 && pointer != 8) return std::nullopt;
  table.bits = pointer * 8U;
  return table;
}

// Names that end in a zero, one after the other.
void read_names(ByteView region, GoInfo& info) {
  std::string_view text = as_text(region);
  while (!text.empty() && info.functions.size() < kMostSymbols) {
    const std::string_view name = cut(text, '\0');
    if (!name.empty()) info.functions.push_back(name.substr(0, kLongestName));
  }
}

// Until Go 1.16 every function has a record, which has the place of its name.
void read_old_names(ByteView bytes, const LineTable& table, GoInfo& info) {
  const std::uint64_t word = table.bits / 8;
  Fields fields(bytes, table.big_endian, 8);
  const std::uint64_t count = fields.address(table.bits);
  for (std::uint64_t i = 0; i < count && info.functions.size() < kMostSymbols; ++i) {
    fields.address(table.bits);
    const std::uint64_t record = fields.address(table.bits);
    Fields function(bytes, table.big_endian, fields.good() ? record : bytes.size());
    function.skip(word);
    const std::string_view name = text_at(bytes, function.word());
    if (!fields.good() || !function.good()) return;
    if (!name.empty()) info.functions.push_back(name);
  }
}

void read_functions(ByteView bytes, GoInfo& info) {
  const auto table = line_table(bytes);
  if (!table) return;
  if (table->version == 102) {
    read_old_names(bytes, *table, info);
    return;
  }
  Fields fields(bytes, table->big_endian, 8);
  fields.address(table->bits);                             // count of functions
  fields.address(table->bits);                             // count of files
  if (table->version >= 118) fields.address(table->bits);  // start of the code
  const std::uint64_t names = fields.address(table->bits);
  const std::uint64_t end = fields.address(table->bits);
  if (fields.good() && end > names) read_names(content(bytes, names, end - names), info);
}

// The functions by the table in its own section; in PE and without sections, by the first
// that gives any.
void find_functions(const Program& program, ByteView file, GoInfo& info) {
  read_functions(named(program, file, ".gopclntab", "__gopclntab"), info);
  std::size_t tables = 0;
  for (std::size_t at = 0; info.functions.empty() && at + kAlignment <= file.size();
       at += kAlignment) {
    const ByteView bytes = file.subspan(at);
    if (bytes[1] != std::byte{0xff} || !line_table(bytes)) continue;
    if (++tables > kMostTables) return;
    read_functions(bytes, info);
  }
}

bool has_go_note(const Program& program) {
  return std::any_of(program.notes.begin(), program.notes.end(),
                     [](const Note& note) { return note.owner == "Go"; });
}

}  // namespace

std::optional<GoInfo> read_go_info(const Program& program, ByteView file) {
  const ByteView build_info = find_build_info(program, file);
  const bool is_go = !build_info.empty() || has_go_note(program) ||
                     !named(program, file, ".gopclntab", "__gopclntab").empty();
  if (!is_go) return std::nullopt;
  GoInfo info;
  if (!build_info.empty()) read_build_info(program, file, build_info, info);
  find_functions(program, file, info);
  return info;
}

}  // namespace minescan::inspect::programs
