#include "inspect/programs/wasm.h"

#include <doctest/doctest.h>

#include "support/parsed_program.h"

namespace {

using namespace minescan;
using namespace minescan::inspect::programs;
using test::has_problem;
using test::parsed;
using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

std::string leb(std::size_t value) {
  std::string text;
  do {
    text += static_cast<char>((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value != 0);
  return text;
}
std::string counted(const std::string& text) { return leb(text.size()) + text; }
std::string section(char id, const std::string& body) { return id + counted(body); }

const std::string kHead = "\0asm\1\0\0\0"s;

std::string module() {
  const std::string imports = leb(4) + counted("env") + counted("nonce") + "\0\0"s +
                              counted("env") + counted("table") + "\1\x70\1\1\x10"s +
                              counted("js") + counted("memory") + "\2\0\1"s + counted("env") +
                              counted("limit") + "\3\x7f\1"s;
  const std::string exports = leb(2) + counted("hash") + "\0\1"s + counted("memory") + "\2\0"s;
  const std::string code =
      leb(2) + counted("\0\x0b"s) + counted("\0"s + std::string(200, '\1') + "\x0b");
  const std::string data = leb(3) + "\0\x41\x80\x08\x0b"s + counted("a table") + "\1"s +
                           counted("passive") + "\2\0\x23\0\x0b"s + counted("third");
  const std::string names = "\0\3\2xx"s + "\1"s + counted(leb(1) + leb(1) + counted("cn_hash"));
  return kHead + section('\2', imports) + section('\7', exports) + section('\x0a', code) +
         section('\x0b', data) + section('\0', counted("name") + names);
}

}  // namespace

TEST_CASE("wasm: imports, exports, bodies of functions, data and names") {
  const std::string bytes = module();
  const test::ParsedProgram program = parsed(bytes);
  CHECK(program.format == "wasm");
  CHECK(program.version == 1);
  REQUIRE(program.sections.size() == 5);
  CHECK(program.sections[0].name == "import");
  CHECK(program.sections[2].name == "code");
  CHECK(program.sections[2].executable);
  CHECK(program.sections[4].name == "name");
  CHECK(program.libraries == std::vector{"env"sv, "js"sv});
  REQUIRE(program.imports.size() == 4);
  CHECK(program.imports[2].library == "js");
  CHECK(program.imports[3].name == "limit");
  CHECK(program.exports == std::vector{"hash"sv, "memory"sv});
  REQUIRE(program.functions.size() == 2);
  CHECK(as_text(content(as_bytes(bytes), program.functions[0].offset, program.functions[0].size)) ==
        "\0\x0b"sv);
  CHECK(program.functions[1].size == 202);
  REQUIRE(program.segments.size() == 3);
  CHECK(program.segments[0].address == 1024);
  CHECK(as_text(content(as_bytes(bytes), program.segments[1].offset, program.segments[1].size)) ==
        "passive");
  REQUIRE(program.symbols.size() == 2);
  CHECK(program.symbols[0].name == "hash");
  CHECK(program.symbols[1].name == "cn_hash");
  CHECK(program.symbols[1].value == 1);
  CHECK(program.natural_length == bytes.size());
  CHECK(program.problems.empty());
}

TEST_CASE("wasm: what follows the last section is not part of it") {
  const std::string bytes = module();
  CHECK(parsed(bytes + "more").natural_length == bytes.size());
  CHECK(natural_length(as_bytes(bytes + "more"), bytes.size() + 4) == bytes.size());
  // A byte that could be a section, of a size that it cannot have.
  CHECK(parsed(bytes + "\1\xff\xff\xff\x7f").natural_length == bytes.size());
}

TEST_CASE("wasm: the first part of a module gives what is in it and says what is missing") {
  const std::string bytes = module();
  for (std::size_t size = 8; size < bytes.size(); ++size) {
    const auto program = parse_program(as_bytes(bytes).first(size), bytes.size());
    REQUIRE(program.has_value());
    CHECK(program->natural_length == 0);
    CHECK(has_problem(*program, "cut short"));
  }
}

TEST_CASE("wasm: sections that lie about what is in them") {
  const auto problem = [](const std::string& part) {
    return has_problem(parsed(kHead + part), "cut short");
  };
  CHECK(problem(section('\2', leb(1) + counted("env") + counted("x") + "\x09"s)));
  CHECK(problem(section('\2', leb(1'000'000) + counted("env"))));
  CHECK(problem(section('\7', leb(2) + counted("hash") + "\0\1"s)));
  CHECK(problem(section('\x0a', leb(1) + leb(100) + "short")));
  CHECK(problem(section('\x0b', leb(1) + "\0\xff"s + std::string(12, '\xff'))));
  CHECK_FALSE(problem(section('\2', leb(0))));
}

TEST_CASE("wasm: modules of a component") {
  const std::string inner = module();
  const test::ParsedProgram program = parsed("\0asm\x0d\0\1\0"s + section('\1', inner));
  REQUIRE(program.slices.size() == 1);
  CHECK(program.slices[0].range.size == inner.size());
  CHECK(program.problems.empty());
}
