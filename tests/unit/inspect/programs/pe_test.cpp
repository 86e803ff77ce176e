#include "inspect/programs/pe.h"

#include <doctest/doctest.h>

#include "base/digest.h"
#include "support/compressors.h"
#include "support/parsed_program.h"
#include "support/pe_file.h"

namespace {

using namespace minescan;
using namespace minescan::inspect::programs;
using test::has_problem;
using test::parsed;
using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

std::string word(std::uint64_t value) { return test::little(static_cast<std::uint32_t>(value)); }

constexpr std::uint32_t kBase = 0x1000;  // where the only section lies

// `bytes` with `text` at a place that may lie behind their end.
std::string put(std::string bytes, std::size_t at, std::string_view text) {
  if (bytes.size() < at + text.size()) bytes.resize(at + text.size(), '\0');
  bytes.replace(at, text.size(), text);
  return bytes;
}

// Imports b.dll's "search" and number 7, exports "dig" and "wash".
std::string tables(unsigned bits) {
  const auto thunk = [&](std::uint64_t value) {
    return bits == 64 ? test::little(value) : word(value);
  };
  std::string body = word(kBase + 0x100) + word(0) + word(0) + word(kBase + 0x80) +
                     word(kBase + 0x140) + std::string(20, '\0');
  body = put(body, 0x80, "b.dll");
  body = put(body, 0x90, "\1\0search\0"sv);
  const std::uint64_t by_number = (std::uint64_t{1} << (bits - 1)) | 7;
  const std::string thunks = thunk(kBase + 0x90) + thunk(by_number) + thunk(0);
  body = put(body, 0x100, thunks);
  body = put(body, 0x140, thunks);
  body = put(body, 0x200, std::string(24, '\0') + word(2) + word(0) + word(kBase + 0x240));
  body = put(body, 0x240, word(kBase + 0x260) + word(kBase + 0x270));
  body = put(body, 0x260, "dig");
  body = put(body, 0x270, "wash");
  return put(body, 0x280, " ");
}

test::PeSpec with_tables(unsigned bits) {
  test::PeSpec spec;
  spec.bits = bits;
  spec.machine = bits == 64 ? 0x8664 : 0x14c;
  spec.sections = {{.name = ".text", .body = tables(bits)}};
  spec.directories = {{0, {kBase + 0x200, 40}}, {1, {kBase, 40}}};
  return spec;
}

}  // namespace

TEST_CASE("pe: sections, imports and exports, in either width") {
  for (const unsigned bits : {32U, 64U}) {
    CAPTURE(bits);
    const test::PeFile file(with_tables(bits));
    const test::ParsedProgram program = parsed(file.bytes);
    CHECK(program.format == "PE");
    CHECK(program.machine == (bits == 64 ? "x86-64" : "x86"));
    CHECK(program.kind == "executable");
    CHECK(program.bits == bits);
    CHECK(program.entry == 0x1000);
    REQUIRE(program.sections.size() == 1);
    CHECK(program.sections[0].name == ".text");
    CHECK(program.sections[0].address == kBase);
    CHECK(program.sections[0].executable);
    CHECK_FALSE(program.sections[0].writable);
    CHECK(as_text(content(as_bytes(file.bytes), program.sections[0])).substr(0x80, 5) == "b.dll");
    CHECK(program.libraries == std::vector{"b.dll"sv});
    REQUIRE(program.imports.size() == 2);
    CHECK(program.imports[0].library == "b.dll");
    CHECK(program.imports[0].name == "search");
    CHECK(program.imports[1].name.empty());
    CHECK(program.imports[1].number == 7);
    CHECK(program.exports == std::vector{"dig"sv, "wash"sv});
    CHECK(program.natural_length == file.bytes.size());
    CHECK(program.problems.empty());
  }
}

TEST_CASE("pe: a packer's import table without names for the loader to keep") {
  test::PeSpec spec = with_tables(64);
  spec.sections[0].body.replace(0, 4, word(0));
  CHECK(parsed(test::PeFile(spec).bytes).imports.size() == 2);
}

TEST_CASE("pe: libraries that are loaded when they are needed") {
  test::PeSpec spec = with_tables(64);
  spec.directories.erase(1);
  spec.directories[13] = {kBase + 0x280, 64};
  spec.sections[0].body =
      put(spec.sections[0].body, 0x280,
          word(1) + word(kBase + 0x80) + word(0) + word(0) + word(kBase + 0x100) +
              std::string(12, '\0') + std::string(32, '\0'));
  const test::ParsedProgram program = parsed(test::PeFile(spec).bytes);
  CHECK(program.libraries == std::vector{"b.dll"sv});
  CHECK(program.imports.size() == 2);
}

TEST_CASE("pe: symbols, with names that stand elsewhere") {
  test::PeSpec spec = with_tables(64);
  const std::string name = "a_long_name_of_a_function";
  const std::string rest = word(0x10) + test::little(std::uint16_t{1});
  const std::string function = test::little(std::uint16_t{0x20});
  spec.symbol_count = 4;
  spec.sections[0].name = "/" + std::to_string(4 + name.size() + 1);
  spec.symbols_at = static_cast<std::uint32_t>(test::PeFile(spec).bytes.size());
  std::string bytes = test::PeFile(spec).bytes;
  bytes += word(0) + word(4) + rest + function + "\2\1"s + std::string(18, 'x');
  bytes += "search\0\0"s + rest + function + "\3\0"s;
  bytes += ".file\0\0\0"s + rest + function + "\x67\0"s;
  const std::string names = name + "\0"s + ".debug_long\0"s;
  bytes += word(4 + names.size()) + names;
  const test::ParsedProgram program = parsed(bytes + "overlay");
  REQUIRE(program.symbols.size() == 2);
  CHECK(program.symbols[0].name == name);
  CHECK(program.symbols[0].value == 0x10);
  CHECK(program.symbols[0].type == 2);
  CHECK(program.symbols[0].binding == 1);
  CHECK(program.symbols[0].section == 1);
  CHECK(program.symbols[1].name == "search");
  CHECK(program.symbols[1].binding == 0);
  CHECK(program.sections[0].name == ".debug_long");
  CHECK(program.natural_length == bytes.size());
}

TEST_CASE("pe: certificates belong to it where the sections end, and nothing in between does") {
  test::PeSpec spec = with_tables(32);
  const auto end = static_cast<std::uint32_t>(test::PeFile(spec).bytes.size());
  spec.directories[4] = {end, 40};
  const std::string signed_file = test::PeFile(spec).bytes + std::string(40, 'c');
  CHECK(parsed(signed_file).natural_length == end + 40);
  CHECK(natural_length(as_bytes(signed_file).first(512), signed_file.size()) == end + 40);
  spec.directories[4] = {end + 4096, 40};
  const std::string carries = test::PeFile(spec).bytes + std::string(4096 + 40, 'c');
  CHECK(parsed(carries).natural_length == end);
}

TEST_CASE("pe: the name of the debug file and its id") {
  test::PeSpec spec = with_tables(64);
  spec.directories[6] = {kBase + 0x280, 28};
  const std::string id = "0123456789abcdef" + word(1);
  const std::string record = "RSDS" + id + "C:\\build\\app.pdb" + "\0"s;
  spec.sections[0].body =
      put(spec.sections[0].body, 0x280,
          std::string(12, '\0') + word(2) + word(record.size()) + word(0) + word(512 + 0x300));
  spec.sections[0].body = put(spec.sections[0].body, 0x300, record);
  const test::ParsedProgram program = parsed(test::PeFile(spec).bytes);
  CHECK(program.debug_file == "C:\\build\\app.pdb");
  CHECK(program.build_id == hex(as_bytes(id)));
}

TEST_CASE("pe: names and strings of a .NET assembly") {
  const auto wide = [](std::string_view text) {
    std::string bytes;
    for (const char c : text) bytes += {c, '\0'};
    return bytes;
  };
  const std::string names = "\0Worker\0StartMining\0"s;
  // One string of 5 bytes, one whose length takes two, and the second half of a pair alone.
  const std::string long_text(100, 'x');
  const std::string strings = "\0\5"s + wide("ab") + "\0"s + "\x80\xc9"s + wide(long_text) + "\0"s +
                              "\7\x3d\xd8\x00\xde\x00\xdc\0"s;
  const std::string version = "v4.0.30319\0\0"s;
  std::string metadata =
      "BSJB" + word(0x10001) + word(0) + word(version.size()) + version + word(3 << 16);
  const std::size_t start = metadata.size() + 8 + 12 + 2 * (8 + 4);
  metadata += word(start) + word(names.size()) + "#Strings\0\0\0\0"s;
  metadata += word(start + names.size()) + word(strings.size()) + "#US\0"s;
  // Another of the same name, which the runtime does not look at.
  metadata += word(start + names.size()) + word(strings.size()) + "#US\0"s;
  metadata += names + strings;
  test::PeSpec spec = with_tables(32);
  spec.directories[14] = {kBase + 0x280, 72};
  spec.sections[0].body = put(spec.sections[0].body, 0x280,
                              word(72) + word(0) + word(kBase + 0x300) + word(metadata.size()));
  spec.sections[0].body = put(spec.sections[0].body, 0x300, metadata);
  const test::ParsedProgram program = parsed(test::PeFile(spec).bytes);
  REQUIRE(program.net.has_value());
  CHECK(program.net->version == "v4.0.30319");
  CHECK(program.net->names == std::vector{"Worker"sv, "StartMining"sv});
  CHECK(program.net->user_strings ==
        std::vector{"ab"s, long_text, "\xf0\x9f\x98\x80\xef\xbf\xbd"s});
  CHECK(program.problems.empty());
}

TEST_CASE("pe: MZ alone, or headers that lie past the end, are no PE") {
  CHECK_FALSE(parse_program(as_bytes("MZ")).has_value());
  std::string bytes = test::PeFile(with_tables(64)).bytes;
  bytes.replace(0x3c, 4, word(0xfffffff0));
  CHECK_FALSE(parse_program(as_bytes(bytes)).has_value());
}

TEST_CASE("pe: the first part of a file gives what is in it and says what is missing") {
  const test::PeFile file(with_tables(64));
  std::size_t whole = 0;
  for (std::size_t size = 0; size < file.bytes.size(); ++size) {
    const auto program = parse_program(as_bytes(file.bytes).first(size), file.bytes.size());
    if (!program) continue;
    if (program->sections.empty()) {
      CHECK(has_problem(*program, "section headers are missing"));
    } else {
      ++whole;
      CHECK(program->natural_length == file.bytes.size());
      CHECK(has_problem(*program, "sections end after the file"));
    }
  }
  CHECK(whole > 1000);
}

TEST_CASE("pe: 65,535 sections and as many imports as fit do not take long") {
  test::PeSpec spec = with_tables(32);
  const std::string thunk = word(kBase + 0x26e);
  std::string thunks;
  for (int i = 0; i < 300'000; ++i) thunks += thunk;
  spec.sections[0].body = put(spec.sections[0].body, 0, word(kBase + 0x1000));
  spec.sections[0].body = put(spec.sections[0].body, 0x1000, thunks);
  for (int i = 0; i < 10; ++i) {
    spec.sections[0].body =
        put(spec.sections[0].body, static_cast<std::size_t>(i) * 20,
            word(kBase + 0x1000) + word(0) + word(0) + word(kBase + 0x270) + word(kBase + 0x1000));
  }
  spec.sections[0].body = put(spec.sections[0].body, 200, std::string(20, '\0'));
  spec.sections.resize(60'000);
  const test::ParsedProgram program = parsed(test::PeFile(spec).bytes);
  CHECK(program.imports.size() == kMostSymbols);
  CHECK(has_problem(program, "only the first 1,000,000 names"));
}
