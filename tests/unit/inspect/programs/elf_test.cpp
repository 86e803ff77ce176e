#include "inspect/programs/elf.h"

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

test::ElfSpec with_code(unsigned bits, bool big_endian) {
  test::ElfSpec spec;
  spec.bits = bits;
  spec.big_endian = big_endian;
  spec.sections = {{.name = ".text", .body = "code", .flags = 6},
                   {.name = ".data", .body = "a table", .flags = 3}};
  spec.symbols = {{.name = "search", .value = 0x10, .size = 4, .other = 0x10},
                  {.name = "fetch", .info = 0x10, .section = 0}};
  return spec;
}

// Where the fields of the header are that tests change.
struct At {
  std::size_t sections, section_size, section_count, names, segment_count;
};
constexpr At kWide{0x28, 0x3a, 0x3c, 0x3e, 0x38};

// Everything that a loader needs, and no section headers.
struct LoaderOnly {
  std::string bytes;
  explicit LoaderOnly(unsigned bits, bool big_endian, bool gnu_hash) {
    const std::uint64_t base = 0x400000;
    test::ElfSpec spec;
    spec.bits = bits;
    spec.big_endian = big_endian;
    spec.section_headers = false;
    spec.segments.resize(4);
    const auto table = test::elf_symbols(
        {{.name = "puts", .section = 0}, {.name = "crypto_search", .value = base, .section = 1}},
        bits, big_endian);
    const test::ElfFile numbers({.bits = bits, .big_endian = big_endian});
    std::string hash;
    if (gnu_hash) {
      // One bucket, whose chain begins at symbol 2 and ends there.
      for (const std::uint64_t value : {1U, 2U, 1U, 0U}) hash += numbers.number(value, 4);
      hash += numbers.address(0) + numbers.number(2, 4) + numbers.number(1, 4);
    } else {
      for (const std::uint64_t value : {1U, 3U, 2U, 0U, 0U, 0U}) hash += numbers.number(value, 4);
    }
    const std::string names = table.names + "libc.so.6" + std::string(1, '\0');
    spec.sections = {{.name = "", .body = "/lib/ld.so\0more"s},
                     {.name = "", .body = names},
                     {.name = "", .body = hash},
                     {.name = "", .body = table.table + std::string(64, '\x7f')},
                     {.name = "", .body = std::string(7 * 2 * bits / 8, '\0')},
                     {.name = "", .body = test::elf_note("GNU", 3, "\x01\xab", big_endian)}};
    test::ElfFile first(spec);
    const auto at = [&](std::size_t i) { return base + first.offsets[i]; };
    std::string dynamic;
    const auto entry = [&](std::uint64_t tag, std::uint64_t value) {
      dynamic += first.address(tag) + first.address(value);
    };
    entry(1, table.names.size());
    entry(gnu_hash ? 0x6ffffef5 : 4, at(2));
    entry(5, at(1));
    entry(6, at(3));
    entry(10, names.size());
    spec.sections[4].body.replace(0, dynamic.size(), dynamic);
    const auto segment = [&](std::size_t i, std::uint32_t type, std::size_t part) {
      spec.segments[i] = {.type = type,
                          .offset = first.offsets[part],
                          .address = at(part),
                          .size = spec.sections[part].body.size()};
    };
    spec.segments[0] = {.type = 1, .address = base, .size = first.bytes.size()};
    segment(1, 3, 0);
    segment(2, 2, 4);
    segment(3, 4, 5);
    bytes = test::ElfFile(spec).bytes;
  }
};

}  // namespace

TEST_CASE("elf: sections, symbols and their details, in either width and byte order") {
  for (const unsigned bits : {32U, 64U}) {
    for (const bool big_endian : {false, true}) {
      CAPTURE(bits);
      CAPTURE(big_endian);
      test::ElfSpec spec = with_code(bits, big_endian);
      spec.machine = 190;
      spec.os_abi = 0x41;
      spec.abi_version = 8;
      spec.flags = 0x06005a04;
      spec.version = 0x76;
      const test::ElfFile file(spec);
      const test::ParsedProgram program = parsed(file.bytes);
      CHECK(program.format == "ELF");
      CHECK(program.machine == "CUDA");
      CHECK(program.machine_number == kElfCuda);
      CHECK(program.kind == "executable");
      CHECK(program.bits == bits);
      CHECK(program.big_endian == big_endian);
      CHECK(program.os_abi == 0x41);
      CHECK(program.abi_version == 8);
      CHECK(program.flags == 0x06005a04);
      CHECK(program.version == 0x76);
      REQUIRE(program.sections.size() == 6);
      const Section* text = find_section(program, ".text");
      REQUIRE(text != nullptr);
      CHECK(text->executable);
      CHECK_FALSE(text->writable);
      CHECK(as_text(content(as_bytes(file.bytes), *text)) == "code");
      CHECK(find_section(program, ".data")->writable);
      REQUIRE(program.symbols.size() == 2);
      CHECK(program.symbols[0].name == "search");
      CHECK(program.symbols[0].value == 0x10);
      CHECK(program.symbols[0].size == 4);
      CHECK(program.symbols[0].type == 2);
      CHECK(program.symbols[0].binding == 1);
      CHECK(program.symbols[0].other == 0x10);
      CHECK(program.symbols[0].section == 1);
      CHECK_FALSE(program.symbols[0].dynamic);
      CHECK(program.symbols[1].section == 0);
      CHECK(program.natural_length == file.bytes.size());
      CHECK(program.problems.empty());
    }
  }
}

TEST_CASE("elf: what the loader reads is there without section headers") {
  for (const unsigned bits : {32U, 64U}) {
    for (const bool big_endian : {false, true}) {
      for (const bool gnu_hash : {false, true}) {
        CAPTURE(bits);
        CAPTURE(big_endian);
        CAPTURE(gnu_hash);
        const LoaderOnly file(bits, big_endian, gnu_hash);
        const test::ParsedProgram program = parsed(file.bytes);
        CHECK(program.interpreter == "/lib/ld.so");
        CHECK(program.libraries == std::vector{"libc.so.6"sv});
        REQUIRE(program.imports.size() == 1);
        CHECK(program.imports[0].name == "puts");
        CHECK(program.exports == std::vector{"crypto_search"sv});
        REQUIRE(program.symbols.size() == 2);
        CHECK(program.symbols[1].dynamic);
        CHECK(program.build_id == "01ab");
        CHECK(program.natural_length == file.bytes.size());
        CHECK(program.problems.empty());
      }
    }
  }
}

TEST_CASE(
    "elf: a hash table without exports counts nothing, and the symbols go on to what follows") {
  const std::uint64_t base = 0x10000;
  test::ElfSpec spec;
  spec.section_headers = false;
  spec.segments.resize(2);
  const auto table = test::elf_symbols(
      {{.name = "puts", .section = 0}, {.name = "exit", .section = 0}}, 64, false);
  const test::ElfFile numbers({});
  std::string hash;
  for (const std::uint64_t value : {1U, 1U, 1U, 0U, 0U, 0U, 0U}) hash += numbers.number(value, 4);
  spec.sections = {{.name = "", .body = table.table},
                   {.name = "", .body = table.names},
                   {.name = "", .body = hash},
                   {.name = "", .body = std::string(64, '\0')}};
  const test::ElfFile first(spec);
  const auto at = [&](std::size_t i) { return base + first.offsets[i]; };
  std::string dynamic;
  for (const std::uint64_t value :
       {std::uint64_t{6}, at(0), std::uint64_t{5}, at(1), std::uint64_t{0x6ffffef5}, at(2)}) {
    dynamic += numbers.number(value, 8);
  }
  spec.sections[3].body.replace(0, dynamic.size(), dynamic);
  spec.segments[0] = {.type = 1, .address = base, .size = first.bytes.size()};
  spec.segments[1] = {.type = 2, .offset = first.offsets[3], .address = at(3), .size = 64};
  const test::ParsedProgram program = parsed(test::ElfFile(spec).bytes);
  REQUIRE(program.symbols.size() == 2);
  REQUIRE(program.imports.size() == 2);
  CHECK(program.imports[1].name == "exit");
}

TEST_CASE("elf: section headers that are missing or wild leave the segments") {
  const LoaderOnly file(64, false, true);
  for (const std::uint64_t offset : {std::uint64_t{0xfffffffffffffff0}, std::uint64_t{1} << 40}) {
    test::ElfFile numbers({});
    std::string bytes = file.bytes;
    bytes.replace(kWide.sections, 8, numbers.number(offset, 8));
    bytes.replace(kWide.section_count, 2, numbers.number(0xffff, 2));
    const test::ParsedProgram program = parsed(bytes);
    CHECK(program.sections.empty());
    CHECK(program.segments.size() == 4);
    CHECK(program.libraries.size() == 1);
    CHECK(program.natural_length == bytes.size());
    CHECK(has_problem(program, "section headers are missing: 0 of 65535 are there"));
  }
}

TEST_CASE("elf: the loader's own table of symbols counts, not what a section header says of it") {
  test::ElfSpec spec = with_code(64, false);
  spec.sections.push_back({.name = ".dynsym", .body = "", .type = 11, .link = 4});
  spec.sections.push_back({.name = ".dynstr", .body = "", .type = 3});
  const auto table = test::elf_symbols({{.name = "start_mining"}}, 64, false);
  spec.sections[2].body = table.table;
  spec.sections[3].body = table.names;
  const test::ParsedProgram program = parsed(test::ElfFile(spec).bytes);
  CHECK(program.exports == std::vector{"start_mining"sv});
  REQUIRE(program.symbols.size() == 3);
  CHECK(program.symbols[0].dynamic);
  CHECK_FALSE(program.symbols[1].dynamic);
}

TEST_CASE("elf: the wrong byte order or width in the header, which Linux never looks at") {
  const LoaderOnly file(64, false, true);
  std::string bytes = file.bytes;
  bytes[5] = '\2';
  CHECK(parsed(bytes).libraries.size() == 1);
  CHECK(has_problem(parsed(bytes), "wrong byte order"));
  bytes[5] = '\1';
  bytes[4] = '\1';
  CHECK(parsed(bytes).libraries.size() == 1);
  CHECK(has_problem(parsed(bytes), "wrong width"));
  bytes[4] = '\2';
  bytes.replace(0x36, 2, "\x09\0"sv);  // the size of a program header
  CHECK(parsed(bytes).libraries.size() == 1);
  CHECK(has_problem(parsed(bytes), "wrong size for program headers"));
}

TEST_CASE("elf: numbers too large for the header stand in the first section header") {
  test::ElfSpec spec = with_code(64, false);
  spec.segments = {{.type = 6, .size = 4}};
  test::ElfFile file(spec);
  file.put(kWide.section_count, file.number(0, 2));
  file.put(kWide.names, file.number(0xffff, 2));
  file.put(kWide.segment_count, file.number(0xffff, 2));
  const std::size_t first = file.sections_at;
  file.put(first + 32, file.number(6, 8));
  file.put(first + 40, file.number(5, 4) + file.number(1, 4));
  const test::ParsedProgram program = parsed(file.bytes);
  CHECK(program.sections.size() == 6);
  CHECK(program.segments.size() == 1);
  CHECK(find_section(program, ".text") != nullptr);
  CHECK(program.problems.empty());
}

TEST_CASE("elf: what is appended is not part of it, also seen from its first bytes") {
  const test::ElfFile file(with_code(64, false));
  const std::string bytes = file.bytes + "appended";
  CHECK(parsed(bytes).natural_length == file.bytes.size());
  CHECK(natural_length(as_bytes(bytes).first(64), bytes.size()) == file.bytes.size());
  // Without section headers the segments tell.
  const LoaderOnly stripped(64, false, true);
  const std::string more = stripped.bytes + "appended";
  CHECK(natural_length(as_bytes(more).first(64 + 4 * 56), more.size()) == stripped.bytes.size());
  CHECK(natural_length(as_bytes("#!/bin/sh"), 9) == 0);
}

TEST_CASE("elf: what does not fit into the file is no part of it") {
  const LoaderOnly file(64, false, true);
  std::string bytes = file.bytes;
  // The second program header ends somewhere else.
  bytes.replace(64 + 56 + 32, 8, test::ElfFile({}).number(std::uint64_t{1} << 50, 8));
  CHECK(parsed(bytes).natural_length == file.bytes.size());
  CHECK(has_problem(parsed(bytes), "segments end after the file"));
}

TEST_CASE("elf: the first part of a file gives what is in it and says what is missing") {
  const test::ElfFile file(with_code(64, false));
  for (std::size_t size = 0; size < file.bytes.size(); ++size) {
    const auto program = parse_program(as_bytes(file.bytes).first(size), file.bytes.size());
    CHECK(program.has_value() == (size >= 64));
    if (!program) continue;
    CHECK(program->natural_length == file.bytes.size());
    CHECK(has_problem(*program, "section headers are missing"));
  }
}

TEST_CASE("elf: a name without an end is cut, and a million of them do not take long") {
  test::ElfSpec spec;
  spec.sections = {{.name = ".symtab", .body = "", .type = 2, .link = 2},
                   {.name = ".strtab", .body = std::string(100'000, 'x'), .type = 3}};
  spec.sections[0].body.assign(24 * 1'000'010, '\0');
  const test::ParsedProgram program = parsed(test::ElfFile(spec).bytes);
  CHECK(program.symbols.size() == kMostSymbols);
  CHECK(program.symbols[7].name.size() == kLongestName);
  CHECK(has_problem(program, "only the first 1,000,000 symbols"));
}

TEST_CASE("elf: notes end where their sizes stop to make sense") {
  std::vector<Note> notes;
  const std::string good = test::elf_note("stapsdt", 3, "probe");
  const std::string bytes = good + good + "\xff\xff\xff\xff\xff\xff\xff\xff\1\0\0\0"s;
  read_notes(as_bytes(bytes), false, notes);
  REQUIRE(notes.size() == 2);
  CHECK(notes[1].owner == "stapsdt");
  CHECK(notes[1].type == 3);
  CHECK(as_text(notes[1].body) == "probe");
}

TEST_CASE("programs: entropy is bits per byte") {
  CHECK(entropy({}) == 0);
  CHECK(entropy(as_bytes("aaaaaaaa")) == 0);
  CHECK(entropy(as_bytes("abababab")) == doctest::Approx(1));
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(entropy(as_bytes(all)) == doctest::Approx(8));
}
