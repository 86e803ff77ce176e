#include "inspect/programs/macho.h"

#include <doctest/doctest.h>

#include "support/elf_file.h"
#include "support/parsed_program.h"

namespace {

using namespace minescan;
using namespace minescan::inspect::programs;
using test::has_problem;
using test::parsed;
using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

std::string field(std::string text, std::size_t size) {
  text.resize(size, '\0');
  return text;
}

struct Macho {
  unsigned bits = 64;
  bool big_endian = false;
  std::uint32_t machine = 0x100000c;
  std::uint32_t encrypted = 0;

  [[nodiscard]] std::string word(std::uint64_t value) const {
    return test::ElfFile({.bits = bits, .big_endian = big_endian}).number(value, 4);
  }
  [[nodiscard]] std::string address(std::uint64_t value) const {
    return test::ElfFile({.bits = bits, .big_endian = big_endian}).address(value);
  }
  [[nodiscard]] std::string command(std::uint32_t number, const std::string& body) const {
    const std::string padded = field(body, (body.size() + 7) / 8 * 8);
    return word(number) + word(8 + padded.size()) + padded;
  }

  // A segment of 4096 bytes at the front, with code at 2048 and zeros that are nowhere; then
  // symbols.
  [[nodiscard]] std::string file() const {
    const bool wide = bits == 64;
    const auto section = [&](const std::string& name, std::uint64_t offset, std::uint32_t flags) {
      return field(name, 16) + field("__TEXT", 16) + address(0x10000 + offset) + address(4) +
             word(offset) + word(0) + word(0) + word(0) + word(flags) +
             std::string(wide ? 12 : 8, '\0');
    };
    const std::string segment = field("__TEXT", 16) + address(0x10000) + address(0x2000) +
                                address(0) + address(4096) + word(7) + word(5) + word(2) + word(0) +
                                section("__text", 2048, 0x80000400) + section("__bss", 0, 1);
    const std::string symbols = symbol(1, 0x0f, 1, 0, 0x10800) + symbol(8, 0x01, 0, 2 << 8, 0) +
                                symbol(14, 0x0e, 1, 0, 0x10802) + symbol(1, 0x64, 1, 0, 0);
    const std::string names = "\0_serve\0_puts\0_own\0"s;
    std::vector<std::string> commands = {
        command(wide ? 0x19 : 1, segment),
        command(2, word(4096) + word(4) + word(4096 + symbols.size()) + word(names.size())),
        command(0xc, word(24) + word(0) + word(0) + word(0) + "/usr/lib/liba.dylib"s + "\0"s),
        command(0x80000018, word(24) + word(0) + word(0) + word(0) + "libSystem.dylib"s + "\0"s),
        command(0x1b, "0123456789abcdef"),
        command(wide ? 0x2c : 0x21, word(0) + word(0) + word(encrypted) + word(0))};
    std::string all;
    for (const std::string& text : commands) all += text;
    std::string bytes = word(wide ? 0xfeedfacf : 0xfeedface) + word(machine) + word(0) + word(2) +
                        word(commands.size()) + word(all.size()) + word(0);
    if (wide) bytes += word(0);
    bytes = field(bytes + all, 4096);
    bytes.replace(2048, 4, "code");
    return bytes + symbols + names;
  }
  [[nodiscard]] std::string symbol(std::uint32_t name, unsigned type, unsigned section,
                                   unsigned detail, std::uint64_t value) const {
    const test::ElfFile numbers({.bits = bits, .big_endian = big_endian});
    return word(name) + numbers.number(type, 1) + numbers.number(section, 1) +
           numbers.number(detail, 2) + address(value);
  }
};

std::string universal(const std::vector<std::string>& slices, bool wide) {
  const test::ElfFile big({.bits = 64, .big_endian = true});
  std::string head = wide ? "\xca\xfe\xba\xbf" : "\xca\xfe\xba\xbe";
  head += big.number(slices.size(), 4);
  std::uint64_t at = 4096;
  std::string body;
  for (const std::string& slice : slices) {
    const std::size_t size = wide ? 8 : 4;
    head += big.number(0x100000c, 4) + big.number(0, 4) + big.number(at, size) +
            big.number(slice.size(), size) + big.number(12, 4) + (wide ? big.number(0, 4) : "");
    body += slice;
    at += slice.size();
  }
  return field(head, 4096) + body;
}

}  // namespace

TEST_CASE("macho: segments, sections, symbols and libraries, in either width and byte order") {
  for (const unsigned bits : {32U, 64U}) {
    for (const bool big_endian : {false, true}) {
      CAPTURE(bits);
      CAPTURE(big_endian);
      const std::string bytes = Macho{.bits = bits, .big_endian = big_endian}.file();
      const test::ParsedProgram program = parsed(bytes + "appended");
      CHECK(program.format == "Mach-O");
      CHECK(program.machine == "AArch64");
      CHECK(program.kind == "executable");
      CHECK(program.bits == bits);
      CHECK(program.big_endian == big_endian);
      REQUIRE(program.segments.size() == 1);
      CHECK(program.segments[0].name == "__TEXT");
      CHECK(program.segments[0].executable);
      CHECK_FALSE(program.segments[0].writable);
      REQUIRE(program.sections.size() == 2);
      CHECK(program.sections[0].name == "__text");
      CHECK(program.sections[0].executable);
      CHECK(as_text(content(as_bytes(bytes), program.sections[0])) == "code");
      CHECK(program.sections[1].size == 0);
      CHECK(program.sections[1].memory_size == 4);
      CHECK(program.libraries == std::vector{"/usr/lib/liba.dylib"sv, "libSystem.dylib"sv});
      REQUIRE(program.symbols.size() == 4);
      CHECK(program.symbols[2].name == "_own");
      CHECK(program.symbols[2].value == 0x10802);
      CHECK(program.symbols[2].binding == 0);
      CHECK(program.exports == std::vector{"_serve"sv});
      REQUIRE(program.imports.size() == 1);
      CHECK(program.imports[0].name == "_puts");
      CHECK(program.imports[0].library == "libSystem.dylib");
      CHECK(program.build_id == "30313233343536373839616263646566");
      CHECK(program.natural_length == bytes.size());
      CHECK(natural_length(as_bytes(bytes).first(1024), bytes.size() + 8) == bytes.size());
      CHECK(program.problems.empty());
    }
  }
}

TEST_CASE("macho: code that is encrypted is said to be") {
  CHECK(has_problem(parsed(Macho{.encrypted = 1}.file()), "encrypted"));
}

TEST_CASE("macho: of several programs in one file all are listed and the first is told") {
  for (const bool wide : {false, true}) {
    CAPTURE(wide);
    const std::string slice = Macho{}.file();
    const std::string bytes = universal({slice, Macho{.bits = 32}.file()}, wide);
    const test::ParsedProgram program = parsed(bytes + "appended");
    REQUIRE(program.slices.size() == 2);
    CHECK(program.slices[1].range.offset == 4096 + slice.size());
    CHECK(program.bits == 64);
    CHECK(as_text(content(as_bytes(bytes), program.sections[0])) == "code");
    CHECK(program.exports.size() == 1);
    CHECK(program.natural_length == bytes.size());
    // When the first is none, the next.
    CHECK(parsed(universal({"nothing", slice}, wide)).bits == 64);
  }
}

TEST_CASE("macho: a Java class, or slices that are none, are no universal file") {
  CHECK_FALSE(
      parse_macho(as_bytes("\xca\xfe\xba\xbe\0\0\0\x34\0\x10"s + std::string(200, 'x')), 210));
  CHECK_FALSE(parse_program(as_bytes(universal({"nothing"}, false))));
  CHECK_FALSE(parse_program(as_bytes("\xca\xfe\xba\xbe\xff\xff\xff\xff" + std::string(200, 'x'))));
  // What lies past the first part of a file may be programs.
  const std::string bytes = universal({Macho{}.file()}, false);
  const auto part = parse_program(as_bytes(bytes).first(4096), bytes.size());
  REQUIRE(part.has_value());
  CHECK(part->slices.size() == 1);
  CHECK(has_problem(*part, "lie past the end"));
}

TEST_CASE("macho: the first part of a file gives what is in it and says what is missing") {
  const std::string bytes = Macho{}.file();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto program = parse_program(as_bytes(bytes).first(size), bytes.size());
    CHECK(program.has_value() == (size >= 32));
    if (program) CHECK_FALSE(program->problems.empty());
  }
}
