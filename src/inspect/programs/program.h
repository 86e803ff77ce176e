#pragma once
// What a program says about itself, whatever its format: ELF, PE, Mach-O, WebAssembly,
// class of Java.
//
// Everything in a program is a claim: a loader reads less of it than a debugger, so headers are
// wrong by accident, by strippers or on purpose.  A parser gives what can be had and says in
// `problems` what could not; only bytes that do not begin like its format give nothing.  The same
// holds for the first part of a program: what lies past it is told like what lies past the end.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace minescan::inspect::programs {

// Bounds of every parser.  What is beyond them is left out with a problem.
inline constexpr std::size_t kMostSymbols = 1'000'000;  // symbols; imports and exports too
inline constexpr std::size_t kMostSections = 200'000;
inline constexpr std::size_t kLongestName = 4096;  // bytes; longer ones are cut
inline constexpr std::size_t kMostProblems = 32;

// Bytes of the file that are mapped somewhere together.  wasm: data segments.
struct Segment {
  std::string_view name;   // Mach-O: "__TEXT"; ELF: "LOAD", "NOTE", "" for a type without a name
  std::uint32_t type = 0;  // ELF: p_type
  std::uint64_t address = 0;
  std::uint64_t memory_size = 0;
  std::uint64_t offset = 0;  // in the file, as `size`
  std::uint64_t size = 0;
  bool executable = false;
  bool writable = false;
};

struct Section {
  std::string_view name;
  std::uint32_t type = 0;   // ELF: sh_type; wasm: section id
  std::uint64_t flags = 0;  // ELF: sh_flags; PE: Characteristics; Mach-O: flags
  std::uint64_t address = 0;
  std::uint64_t memory_size = 0;
  std::uint64_t offset = 0;  // in the file, as `size`; 0 bytes when it has none there
  std::uint64_t size = 0;
  std::uint32_t link = 0;  // ELF: sh_link, sh_info
  std::uint32_t info = 0;
  std::uint64_t entry_size = 0;
  bool executable = false;
  bool writable = false;
};

struct Symbol {
  std::string_view name;
  std::uint64_t value = 0;
  std::uint64_t size = 0;
  std::uint8_t type = 0;      // ELF: low half of st_info (2 = function); Mach-O: n_type
  std::uint8_t binding = 0;   // ELF: high half of st_info
  std::uint8_t other = 0;     // ELF: st_other
  bool dynamic = false;       // of the loader's table, which stripping leaves
  std::uint32_t section = 0;  // in `sections`, from 0 for ELF and else from 1; 0 = from elsewhere
};

struct Import {
  std::string_view library;  // empty where the format does not say
  std::string_view name;     // empty when imported by number
  std::uint32_t number = 0;  // PE: ordinal
};

struct Note {
  std::string_view owner;
  std::uint32_t type = 0;
  ByteView body;
};

struct Range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// One program of several in a file.
struct Slice {
  std::string machine;
  Range range;
};

// What a Go compiler leaves in every program, stripped or not.
struct GoInfo {
  std::string_view version;                 // "go1.21.3"
  std::string_view path;                    // of the main package
  std::vector<std::string> modules;         // "code.example/a v1.2.0", the main one first
  std::vector<std::string_view> settings;   // "-ldflags=…", "vcs.revision=…"
  std::vector<std::string_view> functions;  // "code.example/a/pool.(*Client).Login"
};

// The metadata of a .NET assembly.
struct NetInfo {
  std::string_view version;               // of the runtime: "v4.0.30319"
  std::vector<std::string_view> names;    // types, methods, fields
  std::vector<std::string> user_strings;  // literals of its code, as UTF-8
};

// Names and bodies are borrowed from the bytes that were parsed and die with them.  They are as
// untrusted as these: `printable` before they are shown.
struct Program {
  std::string_view format;  // "ELF", "PE", "Mach-O", "wasm", "Java class"
  std::string machine;      // "x86-64"; "machine 0x1234" when it has no name here
  std::string_view kind;    // "executable", "shared library", "object file", "core dump", "other"
  unsigned bits = 0;        // of an address; 0 = unknown
  bool big_endian = false;

  std::uint32_t machine_number = 0;  // ELF: e_machine; PE: Machine; Mach-O: cputype
  std::uint32_t type_number = 0;     // ELF: e_type; PE: Characteristics; Mach-O: filetype
  std::uint32_t flags = 0;           // ELF: e_flags
  std::uint32_t version = 0;         // ELF: e_version; wasm: version
  std::uint8_t os_abi = 0;           // ELF: e_ident[7], [8]
  std::uint8_t abi_version = 0;
  std::uint64_t entry = 0;
  std::uint64_t base = 0;  // PE: what addresses here are relative to

  std::vector<Segment> segments;
  std::vector<Section> sections;
  std::vector<Symbol> symbols;
  std::vector<Import> imports;
  std::vector<std::string_view> exports;
  std::vector<std::string_view> libraries;  // that the loader loads with it
  std::vector<Note> notes;
  std::vector<Slice> slices;     // Mach-O: of a universal file, whose first slice the rest tells of
  std::vector<Range> functions;  // wasm: bodies of functions
  std::string_view interpreter;  // ELF: the loader
  std::string build_id;          // in hex, lower case
  std::string_view debug_file;   // PE: where the linker wrote what belongs to this build id
  std::optional<GoInfo> go;
  std::optional<NetInfo> net;

  // Where the program ends by its own account: what follows in the file is an overlay.  0 when it
  // does not tell.
  std::uint64_t natural_length = 0;

  std::vector<std::string> problems;  // sentences without a full stop
};

// The program that begins at the first of these bytes: a whole file, or the first part of one that
// has `file_size` bytes.
std::optional<Program> parse_program(ByteView file, std::uint64_t file_size);
inline std::optional<Program> parse_program(ByteView file) {
  return parse_program(file, file.size());
}

// What parse_program would say of natural_length when only `head` is there, or 0.  Parts that lie
// past `file_size` are no parts: a header may claim anything.
std::uint64_t natural_length(ByteView head, std::uint64_t file_size);

// --- for the parsers and for who uses what they give

// What of [offset, offset + size) is in `file`.
ByteView content(ByteView file, std::uint64_t offset, std::uint64_t size);
inline ByteView content(ByteView file, const Section& section) {
  return content(file, section.offset, section.size);
}
// The first section of that name.
const Section* find_section(const Program& program, std::string_view name);

// The text at `offset` of a table of texts that end in a zero, cut to kLongestName; "" outside.
std::string_view text_at(ByteView table, std::uint64_t offset);

// Bits of information per byte: 0 (all the same) to 8 (random).
double entropy(ByteView bytes);

// Adds a problem, once and while there are fewer than kMostProblems.
void add_problem(std::vector<std::string>& problems, std::string sentence);

}  // namespace minescan::inspect::programs
