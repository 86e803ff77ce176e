#include "inspect/programs/java.h"

#include <doctest/doctest.h>

namespace {

using namespace minescan;
using namespace minescan::inspect::programs;
using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

std::string half(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}
std::string text(const std::string& value) {
  return "\1" + half(static_cast<unsigned>(value.size())) + value;
}

// The class example/Worker, which calls java/lang/Thread.start.
std::string constants() {
  return text("example/Worker") + "\7" + half(1) +                 // 1, 2
         "\5" + std::string(8, 'x') +                              // 3 and 4
         text("java/lang/Thread") + "\7" + half(5) +               // 5, 6
         text("start") + text("()V") +                             // 7, 8
         "\x0c" + half(7) + half(8) + "\x0a" + half(6) + half(9);  // 9, 10
}
std::string with_constants(unsigned count, const std::string& bytes) {
  return "\xca\xfe\xba\xbe\0\0\0\x41"s + half(count) + bytes;
}

}  // namespace

TEST_CASE("java: the class, and the methods that it calls") {
  const std::string bytes = with_constants(11, constants() + half(0x21) + half(2) + "rest");
  const auto program = parse_program(as_bytes(bytes));
  REQUIRE(program.has_value());
  CHECK(program->format == "Java class");
  CHECK(program->exports == std::vector{"example/Worker"sv});
  REQUIRE(program->imports.size() == 1);
  CHECK(program->imports[0].library == "java/lang/Thread");
  CHECK(program->imports[0].name == "start");
  CHECK(program->problems.empty());
}

TEST_CASE("java: constants that are cut short, of no known kind, or of others that are none") {
  const auto has_problem = [](const std::string& bytes) {
    const auto program = parse_program(as_bytes(bytes));
    REQUIRE(program.has_value());
    return !program->problems.empty();
  };
  CHECK(has_problem(with_constants(11, constants().substr(0, 40))));
  CHECK(has_problem(with_constants(3, text("a") + "\2" + std::string(20, 'x'))));
  CHECK(has_problem(with_constants(3, text("a") + "\xff" + std::string(20, 'x'))));
  const std::string bytes = with_constants(2, "\x0a\xff\xff\xff\xff"s + half(0) + half(77));
  const auto program = parse_program(as_bytes(bytes));
  REQUIRE(program.has_value());
  CHECK(program->imports.empty());
  CHECK(program->exports.empty());
}
