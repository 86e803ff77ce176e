#include "inspect/packers/packed.h"

#include <doctest/doctest.h>

#include "support/compressors.h"
#include "support/elf_file.h"
#include "support/pe_file.h"
#include "support/upx_file.h"

namespace {

using namespace minescan;
using namespace minescan::inspect;

std::optional<packers::Packed> verdict(const std::string& bytes) {
  const auto program = programs::parse_program(as_bytes(bytes));
  REQUIRE(program.has_value());
  return packers::packed(*program, as_bytes(bytes));
}

std::string random_bytes(std::size_t size) {
  std::string text;
  std::uint64_t value = 88172645463325252;
  while (text.size() < size) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
    text += static_cast<char>(value >> 32 & 0xff);
  }
  return text;
}

test::ElfSpec with_code(const std::string& code, const std::string& name = ".text") {
  test::ElfSpec spec;
  spec.sections = {{.name = name, .body = code, .flags = 6},
                   {.name = ".data", .body = random_bytes(100'000), .flags = 3}};
  return spec;
}

}  // namespace

TEST_CASE("packed: code that looks random and imports nothing") {
  const auto packed = verdict(test::ElfFile(with_code(random_bytes(40'000))).bytes);
  REQUIRE(packed.has_value());
  CHECK(packed->name.empty());
  CHECK(packed->share == 1);
  CHECK(packed->why == "100 % of its code looks random, and it imports nothing");
  CHECK_FALSE(verdict(test::ElfFile(with_code(test::numbers(40'000))).bytes).has_value());
}

TEST_CASE("packed: only when most of the code looks random") {
  const std::string most = random_bytes(7 * 4096) + test::numbers(3 * 4096);
  CHECK(verdict(test::ElfFile(with_code(most)).bytes).has_value());
  const std::string half = random_bytes(5 * 4096) + test::numbers(5 * 4096);
  CHECK_FALSE(verdict(test::ElfFile(with_code(half)).bytes).has_value());
  // Of too little code nothing is known.
  CHECK_FALSE(verdict(test::ElfFile(with_code(random_bytes(3 * 4096))).bytes).has_value());
}

TEST_CASE("packed: not what imports much, and not code of GPUs that its compiler compressed") {
  test::ElfSpec spec = with_code(random_bytes(40'000));
  std::vector<test::ElfSymbolSpec> imports;
  for (int i = 0; i < 21; ++i) imports.push_back({.name = "f" + std::to_string(i), .section = 0});
  const auto table = test::elf_symbols(imports, 64, false);
  spec.sections.push_back({.name = ".dynsym", .body = table.table, .type = 11, .link = 4});
  spec.sections.push_back({.name = ".dynstr", .body = table.names, .type = 3});
  CHECK_FALSE(verdict(test::ElfFile(spec).bytes).has_value());
  CHECK_FALSE(
      verdict(test::ElfFile(with_code(random_bytes(40'000), ".nv_fatbin")).bytes).has_value());
}

TEST_CASE("packed: segments tell where there are no sections") {
  test::ElfSpec spec;
  spec.section_headers = false;
  spec.sections = {{.name = "", .body = random_bytes(40'000)}};
  spec.segments = {{.size = 40'120}};
  CHECK(verdict(test::ElfFile(spec).bytes).has_value());
  spec.segments[0].flags = 4;
  CHECK_FALSE(verdict(test::ElfFile(spec).bytes).has_value());
}

TEST_CASE("packed: names that packers give to sections") {
  const test::PeFile file(
      {.sections = {{.name = ".text", .body = "x"}, {.name = ".vmp0", .body = "x"}}});
  const auto packed = verdict(file.bytes);
  REQUIRE(packed.has_value());
  CHECK(packed->name == "VMProtect");
  CHECK(packed->why == "it has a section .vmp0");
  CHECK(verdict(test::upx_pe({}).packed)->name == "UPX");
}

TEST_CASE("packed: the share of windows that look random") {
  CHECK(packers::random_share({}) == 0);
  CHECK(packers::random_share(as_bytes(random_bytes(4096) + test::numbers(4096))) == 0.5);
}
