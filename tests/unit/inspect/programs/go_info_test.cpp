#include "inspect/programs/go_info.h"

#include <doctest/doctest.h>

#include "support/elf_file.h"
#include "support/parsed_program.h"
#include "support/pe_file.h"

namespace {

using namespace minescan;
using namespace minescan::inspect::programs;
using test::parsed;
using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

const std::string kModules = std::string(16, '<') +
                             "path\tcode.example/a/cmd\n"
                             "mod\tcode.example/a\tv1.2.0\th1:x=\n"
                             "dep\tcode.example/stratum\tv0.3.1\th1:y=\n"
                             "=>\tcode.example/fork\tv9.0.0\th1:z=\n"
                             "build\t-ldflags=\"-s -w\"\n" +
                             std::string(16, '>');

std::string build_info() {
  std::string table = "\xff Go buildinf:" + "\x08\x02"s;
  table.resize(32, '\0');
  table += "\x08" + "go1.21.3"s;
  table += static_cast<char>(0x80 | (kModules.size() & 0x7f));
  table += static_cast<char>(kModules.size() >> 7);
  return table + kModules;
}

const std::string kNames = "main.main\0code.example/stratum.(*Client).Login\0"s;

// magic: of the table's version; words in front of where the names begin.
std::string line_table(std::uint64_t magic, unsigned bits, bool big_endian, unsigned words) {
  const test::ElfFile numbers({.bits = bits, .big_endian = big_endian});
  std::string table = numbers.number(magic, 4) + "\0\0\1"s + static_cast<char>(bits / 8);
  for (unsigned i = 0; i < words; ++i) table += numbers.address(2);
  const std::size_t start = table.size() + 2 * (bits / 8);
  table += numbers.address(start) + numbers.address(start + kNames.size());
  return table + kNames + "not a name";
}

const std::vector kFunctions = {"main.main"sv, "code.example/stratum.(*Client).Login"sv};

}  // namespace

TEST_CASE("go: version, modules, settings and names of functions") {
  test::ElfSpec spec;
  spec.sections = {{.name = ".go.buildinfo", .body = build_info(), .flags = 3},
                   {.name = ".gopclntab", .body = line_table(0xfffffff1, 64, false, 3)}};
  const test::ElfFile file(spec);
  const test::ParsedProgram program = parsed(file.bytes);
  REQUIRE(program.go.has_value());
  CHECK(program.go->version == "go1.21.3");
  CHECK(program.go->path == "code.example/a/cmd");
  CHECK(program.go->modules == std::vector{"code.example/a v1.2.0"s, "code.example/stratum v0.3.1"s,
                                           "code.example/fork v9.0.0"s});
  CHECK(program.go->settings == std::vector{"-ldflags=\"-s -w\""sv});
  CHECK(program.go->functions == kFunctions);
}

TEST_CASE("go: tables of every version, width and byte order") {
  for (const unsigned bits : {32U, 64U}) {
    for (const bool big_endian : {false, true}) {
      CAPTURE(bits);
      CAPTURE(big_endian);
      const auto functions = [&](const std::string& table) {
        test::ElfSpec spec{.bits = bits, .big_endian = big_endian};
        spec.sections = {{.name = ".gopclntab", .body = table}};
        const test::ElfFile file(spec);
        const test::ParsedProgram program = parsed(file.bytes);
        REQUIRE(program.go.has_value());
        return std::vector<std::string>(program.go->functions.begin(), program.go->functions.end());
      };
      const std::vector<std::string> wanted(kFunctions.begin(), kFunctions.end());
      CHECK(functions(line_table(0xfffffff1, bits, big_endian, 3)) == wanted);
      CHECK(functions(line_table(0xfffffff0, bits, big_endian, 3)) == wanted);
      CHECK(functions(line_table(0xfffffffa, bits, big_endian, 2)) == wanted);
      CHECK(functions(line_table(0xfffffff2, bits, big_endian, 3)).empty());
      // The oldest: a pair of addresses for each function, and its record tells the name's place.
      const test::ElfFile numbers({.bits = bits, .big_endian = big_endian});
      const std::size_t word = bits / 8;
      const std::size_t records = 8 + word + 4 * word;
      const std::size_t names = records + 2 * (word + 4);
      std::string table = numbers.number(0xfffffffb, 4) + "\0\0\1"s + static_cast<char>(word);
      table += numbers.address(2);
      table += numbers.address(0) + numbers.address(records);
      table += numbers.address(0) + numbers.address(records + word + 4);
      table += numbers.address(0) + numbers.number(names, 4);
      table += numbers.address(0) + numbers.number(names + 10, 4);
      CHECK(functions(table + kNames) == wanted);
    }
  }
}

TEST_CASE("go: addresses of strings, as before Go 1.18") {
  const std::uint64_t base = 0x500000;
  const test::ElfFile numbers({});
  std::string table = "\xff Go buildinf:" + "\x08\x00"s;
  const std::uint64_t strings = base + 32;
  table += numbers.number(strings, 8) + numbers.number(strings + 16, 8);
  table += numbers.number(strings + 32, 8) + numbers.number(8, 8);
  table += numbers.number(strings + 40, 8) + numbers.number(kModules.size(), 8);
  table += "go1.12.5" + kModules;
  test::ElfSpec spec;
  spec.sections = {{.name = ".go.buildinfo", .body = table, .flags = 3}};
  spec.segments = {{.flags = 6, .address = base, .size = table.size()}};
  spec.segments[0].offset = test::ElfFile(spec).offsets[0];
  const test::ElfFile file(spec);
  const test::ParsedProgram program = parsed(file.bytes);
  REQUIRE(program.go.has_value());
  CHECK(program.go->version == "go1.12.5");
  CHECK(program.go->modules.size() == 3);
}

TEST_CASE("go: found without sections of its own, as in PE or a stripped ELF") {
  const test::PeFile pe(
      {.sections = {
           {.name = ".rdata",
            .body = std::string(64, 'x') + line_table(0xfffffff1, 64, false, 3),
            .flags = 0x40000040},
           {.name = ".data", .body = "0123456789abcdef" + build_info(), .flags = 0xc0000040}}});
  const test::ParsedProgram windows = parsed(pe.bytes);
  REQUIRE(windows.go.has_value());
  CHECK(windows.go->version == "go1.21.3");
  CHECK(windows.go->functions == kFunctions);

  test::ElfSpec spec;
  spec.section_headers = false;
  spec.segments.resize(1);
  // 64 + 56 bytes of headers, and 8 more, so that the tables begin at multiples of 16.
  std::string info = build_info();
  info.resize((info.size() + 15) / 16 * 16, '\0');
  spec.sections = {{.name = "", .body = "headers."},
                   {.name = "", .body = info},
                   {.name = "", .body = line_table(0xfffffff0, 64, false, 3)}};
  spec.segments[0] = {.flags = 6, .offset = 128, .address = 0x1000, .size = info.size()};
  const test::ElfFile file(spec);
  const test::ParsedProgram stripped = parsed(file.bytes);
  REQUIRE(stripped.go.has_value());
  CHECK(stripped.go->version == "go1.21.3");
  CHECK(stripped.go->functions == kFunctions);
}

TEST_CASE("go: other programs are not") {
  test::ElfSpec spec;
  spec.sections = {{.name = ".data",
                    .body = std::string("an\xff Go buildinf:") + std::string(64, 'x'),
                    .flags = 3}};
  const test::ElfFile file(spec);
  CHECK_FALSE(parsed(file.bytes).go.has_value());
}
