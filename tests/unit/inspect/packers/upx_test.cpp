#include "inspect/packers/upx.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "inspect/packers/upx_parts.h"
#include "inspect/programs/program.h"
#include "support/compressors.h"
#include "support/elf_file.h"
#include "support/pe_file.h"
#include "support/upx_file.h"

namespace {

using namespace minescan;
using inspect::packers::Unpacked;

constexpr std::uint64_t kMost = std::uint64_t{1} << 26;
constexpr unsigned kMethods[] = {2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15};

Unpacked unpacked(std::string_view bytes) {
  CHECK(inspect::packers::looks_packed_by_upx(as_bytes(bytes.substr(0, 4096))));
  auto result = inspect::packers::unpack_upx(as_bytes(bytes), kMost);
  REQUIRE(result.has_value());
  return std::move(*result);
}

bool has(const std::vector<std::string>& sentences, std::string_view part) {
  return std::any_of(sentences.begin(), sentences.end(), [&](const std::string& sentence) {
    return sentence.find(part) != std::string::npos;
  });
}

std::string word(std::size_t value) { return test::little(static_cast<std::uint32_t>(value)); }

std::string with(std::string text, std::size_t at, std::string_view part) {
  return text.replace(at, part.size(), part);
}

void check_whole(const Unpacked& result, const test::UpxFile& file) {
  CHECK(result.bytes == file.original);
  CHECK(result.problem.empty());
}

// Bytes of a library's headers.
std::size_t headers_of(const test::UpxFile& file) {
  return 64 + static_cast<std::size_t>(file.original[0x38]) * 56;
}

}  // namespace

TEST_CASE("upx: ELF comes back byte for byte, of every method, width and byte order") {
  for (const unsigned method : kMethods) {
    for (const unsigned bits : {32U, 64U}) {
      for (const bool big_endian : {false, true}) {
        CAPTURE(method);
        CAPTURE(bits);
        CAPTURE(big_endian);
        const test::UpxFile file =
            test::upx_elf({.bits = bits, .big_endian = big_endian, .machine = 8, .method = method});
        const Unpacked result = unpacked(file.packed);
        check_whole(result, file);
        CHECK(result.format == "ELF");
        CHECK(result.tampered.empty());
      }
    }
  }
  CHECK(unpacked(test::upx_elf({.method = 8}).packed).method == "NRV2E");
}

TEST_CASE("upx: what comes back is a program again") {
  const Unpacked result = unpacked(test::upx_elf({}).packed);
  const auto program = inspect::programs::parse_program(as_bytes(result.bytes));
  REQUIRE(program.has_value());
  CHECK(find_section(*program, ".comment") != nullptr);
  CHECK(program->problems.empty());
}

TEST_CASE("upx: segments in several blocks") {
  const test::UpxFile file = test::upx_elf({.method = 5, .block_size = 4'000});
  CHECK(file.blocks.size() > 8);
  check_whole(unpacked(file.packed), file);
}

TEST_CASE("upx: displacements of calls get back what they were") {
  const test::UpxFile file = test::upx_elf({.filter = 0x49, .filter_value = 0xf1});
  check_whole(unpacked(file.packed), file);
}

namespace {

std::string big(std::uint32_t value) {
  const std::string text = word(value);
  return {text.rbegin(), text.rend()};
}

// What undoing a filter makes of `code`.
std::string undone(std::uint8_t filter, std::uint8_t value, std::string code,
                   std::uint32_t added = 0) {
  CHECK(inspect::packers::undo_filter(filter, value, code, added));
  return code;
}

const std::string kEnd(8, 'z');

}  // namespace

TEST_CASE("upx filters: calls and jumps of x86 in every form") {
  // At 3 and at 8; the displacement counts from one behind the instruction's first byte.
  const std::string code = "abc\xe8" + word(100) + "\xe9" + word(200) + kEnd;
  for (const std::uint32_t added : {0U, 0x1000U}) {
    const std::uint32_t call = 100 + 4 + added, jump = 200 + 9 + added;
    const std::string plain = "abc\xe8" + word(call) + "\xe9" + word(jump) + kEnd;
    const std::string swapped = "abc\xe8" + big(call) + "\xe9" + big(jump) + kEnd;
    CHECK(undone(0x13, 0, plain, added) == code);
    CHECK(undone(0x11, 0, plain, added) == "abc\xe8" + word(100) + "\xe9" + word(jump) + kEnd);
    CHECK(undone(0x12, 0, plain, added) == "abc\xe8" + word(call) + "\xe9" + word(200) + kEnd);
    CHECK(undone(0x16, 0, swapped, added) == code);
    CHECK(undone(0x19, 0, plain, added) == "abc\xe8" + big(100) + "\xe9" + big(200) + kEnd);
    const std::uint32_t mark = 0x77U << 24;
    const std::string marked = "abc\xe8" + big(call | mark) + "\xe9" + big(jump | mark) + kEnd;
    for (const std::uint8_t filter : std::initializer_list<std::uint8_t>{0x26, 0x36, 0x46, 0x49}) {
      CAPTURE(filter);
      CHECK(undone(filter, 0x77, marked, added) == code);
      CHECK(undone(filter, 0x76, marked, added) == marked);
    }
  }
}

TEST_CASE("upx filters: conditional jumps, and places that were met lately") {
  const std::uint32_t mark = 0x12U << 24;
  const std::string code = "x\x0f\x84" + word(50) + kEnd;
  CHECK(undone(0x49, 0x12, "x\x0f\x84" + big((50 + 3) | mark) + kEnd) == code);
  CHECK(undone(0x46, 0x12, "x\x0f\x84" + big((50 + 3) | mark) + kEnd) != code);
  // 0x81: calls use the list; 0x87: all do, and of a conditional jump two bytes are swapped.
  const auto calls = [&](std::initializer_list<std::uint32_t> numbers) {
    std::string text;
    for (const std::uint32_t number : numbers) text += "\xe8" + big(number | mark);
    return text + kEnd;
  };
  const auto to = [&](std::initializer_list<std::uint32_t> places) {
    std::string text;
    for (const std::uint32_t place : places) {
      text += "\xe8" + word(place - static_cast<std::uint32_t>(text.size()) - 1);
    }
    return text + kEnd;
  };
  // New places are odd; others are twice their number, the newest of which is 0.
  CHECK(undone(0x81, 0x12, calls({2 * 40 + 1, 2 * 70 + 1, 2, 2, 0, 2 * 90 + 1, 2})) ==
        to({40, 70, 40, 70, 70, 90, 70}));
  CHECK(undone(0x87, 0x12, "x\x84\x0f" + big((2 * 53 + 1) | mark) + kEnd) == code);
  CHECK(undone(0x80, 0x12, calls({40, 70})) == to({40, 70}));
}

TEST_CASE("upx filters: Arm in both widths and byte orders, and PowerPC") {
  const std::string front = word(0xe1a00000) + word(0xe1a00000);
  CHECK(undone(0x50, 0, front + word(0xeb000105) + kEnd, 3) == front + word(0xeb000100) + kEnd);
  CHECK(undone(0x50, 0, front + word(0xeb000001) + kEnd) == front + word(0xebffffff) + kEnd);
  CHECK(undone(0x50, 0, front + word(0xea000105) + kEnd) == front + word(0xea000105) + kEnd);
  CHECK(undone(0x51, 0, front + big(0xeb000102) + kEnd) == front + big(0xeb000100) + kEnd);
  CHECK(undone(0x52, 0, front + word(0x94000102) + kEnd) == front + word(0x94000100) + kEnd);
  CHECK(undone(0x52, 0, front + word(0x17000001) + kEnd) == front + word(0x16ffffff) + kEnd);
  CHECK(undone(0xd0, 5, front + big(0x48000001 | 5U << 22 | 0x108) + kEnd) ==
        front + big(0x48000101) + kEnd);
  CHECK(undone(0xd0, 6, front + big(0x48000001 | 5U << 22 | 0x108) + kEnd) ==
        front + big(0x48000001 | 5U << 22 | 0x108) + kEnd);
}

TEST_CASE("upx filters: whatever is in code of any length, nothing is read past it") {
  for (unsigned filter = 1; filter < 256; ++filter) {
    for (std::size_t size = 0; size < 40; ++size) {
      std::string code = std::string("\xe8\x12\0\0\0\x0f\x84\x12\x84\x0f\x12\xeb\x4b\0\0\0", 16);
      code = (code + code + code).substr(0, size);
      inspect::packers::undo_filter(static_cast<std::uint8_t>(filter), 0x12, code);
      CHECK(code.size() == size);
    }
  }
}

TEST_CASE("upx: a filter that is not known is told, and the program comes back all the same") {
  const test::UpxFile file = test::upx_elf({.filter = 0x77});
  const Unpacked result = unpacked(file.packed);
  CHECK(result.bytes == file.original);
  CHECK(result.problem.find("filter is not known") != std::string::npos);
}

TEST_CASE("upx: PE whose image holds its headers comes back as a program, with its code") {
  for (const unsigned bits : {32U, 64U}) {
    CAPTURE(bits);
    const test::UpxFile file = test::upx_pe({.bits = bits, .headers = true});
    const Unpacked result = unpacked(file.packed);
    CHECK(result.problem.empty());
    REQUIRE(result.bytes.size() == 0x1000 + file.original.size());
    CHECK(result.bytes.substr(0x1000) == file.original);
    const auto program = inspect::programs::parse_program(as_bytes(result.bytes));
    REQUIRE(program.has_value());
    CHECK(program->bits == bits);
    const auto* text = find_section(*program, ".text");
    REQUIRE(text != nullptr);
    CHECK(text->offset == 0x1000);
    CHECK(text->size == 40'000);
    // Without the record nobody knows the filter; the headers are there.
    const Unpacked wiped = unpacked(with(file.packed, file.record, std::string(32, '\0')));
    CHECK(wiped.bytes.starts_with("MZ"));
    const auto tight =
        inspect::packers::unpack_upx(as_bytes(file.packed), file.original.size() + 100);
    REQUIRE(tight.has_value());
    CHECK(tight->bytes == file.original);
  }
}

TEST_CASE("upx: headers in an image that are none are let alone") {
  const test::UpxFile file = test::upx_pe({.method = 8});
  CHECK_FALSE(unpacked(file.packed).bytes.starts_with("MZ"));
}

TEST_CASE("upx: a shared library comes back, and is not called tampered with") {
  for (const bool old : {false, true}) {
    CAPTURE(old);
    const test::UpxFile file = test::upx_library(old);
    const auto found = inspect::packers::unpack_upx(as_bytes(file.packed), kMost);
    REQUIRE(found.has_value());
    check_whole(*found, file);
    CHECK(found->tampered.empty());
    // Neither marks, sizes nor the end of the file tell where it is.
    std::string bytes = test::replaced(file.packed, "UPX!", std::string(4, '\0'));
    bytes = with(bytes, file.info, std::string(24, '\0'));
    bytes = with(bytes, file.record, std::string(36, '\0'));
    const auto wiped = inspect::packers::unpack_upx(as_bytes(bytes), kMost);
    REQUIRE(wiped.has_value());
    check_whole(*wiped, file);
    CHECK(has(wiped->tampered, "the size of the original is wiped"));
    // A broken block is told, and what was not packed is there.
    const auto broken = inspect::packers::unpack_upx(
        as_bytes(with(file.packed, file.blocks[1] + 40, std::string(64, '\0'))), kMost);
    REQUIRE(broken.has_value());
    CHECK(broken->problem.find("bytes of segments could not be unpacked") != std::string::npos);
    CHECK(broken->bytes.substr(headers_of(file), 4'000) ==
          file.original.substr(headers_of(file), 4'000));
  }
}

TEST_CASE("upx: Mach-O comes back when its blocks have the size that was told") {
  const std::string macho = "\xcf\xfa\xed\xfe\x07\0\0\1" + std::string(200, 'x');
  const std::string one = macho + test::numbers(9'000), two = test::numbers(5'000);
  for (const std::size_t missing : {0U, 1U}) {
    CAPTURE(missing);
    const std::string file =
        macho + test::upx_blocks(8, {one, two}, one.size() + two.size() + missing);
    const auto result = inspect::packers::unpack_upx(as_bytes(file), kMost);
    REQUIRE(result.has_value());
    CHECK(result->bytes == one + two);
    CHECK(result->problem.empty() == (missing == 0));
  }
  // Each program of a universal file is packed by itself.
  const std::string universal = "\xca\xfe\xba\xbe" + std::string(60, '\0') + macho +
                                test::upx_blocks(8, {one}) + macho + test::upx_blocks(2, {two});
  const auto both = inspect::packers::unpack_upx(as_bytes(universal), kMost);
  REQUIRE(both.has_value());
  CHECK(both->bytes == one + two);
}

TEST_CASE("upx: of layouts that are not known the blocks come, and it is told") {
  test::ElfSpec library;
  library.type = 3;
  library.sections = {{.name = ".dynsym", .body = test::numbers(20'000), .flags = 2}};
  library.segments = {{.size = 20'000}, {.type = 2, .size = 0}, {.type = 4, .size = 0}};
  const std::string one = test::numbers(9'000), two = "second part " + test::numbers(5'000);
  const std::string macho = "\xcf\xfa\xed\xfe\x07\0\0\1" + std::string(200, 'x');
  for (const std::string& front : {test::ElfFile(library).bytes, macho}) {
    const std::string file = front + test::upx_blocks(8, {one, two}) + test::numbers(900);
    CHECK(inspect::packers::looks_packed_by_upx(as_bytes(file)));
    const auto unpacked = inspect::packers::unpack_upx(as_bytes(file), kMost);
    REQUIRE(unpacked.has_value());
    const Unpacked& result = *unpacked;
    CHECK(result.bytes == one + two);
    CHECK(result.method == "NRV2E");
    CHECK(result.problem.find("where its parts belong is not known") != std::string::npos);
    // The marks alone are in every program that knows UPX.
    CHECK_FALSE(inspect::packers::unpack_upx(as_bytes(front + "UPX!" + test::numbers(900)), kMost));
  }
  // Its record says so where nothing unpacks.
  const test::UpxFile packed = test::upx_elf({});
  const std::string record = with(packed.packed.substr(packed.record, 32), 0, "XXXX");
  const auto only = inspect::packers::unpack_upx(
      as_bytes(macho + test::numbers(90'000) + record + "abcd"), kMost);
  REQUIRE(only.has_value());
  CHECK(only->bytes.empty());
  CHECK(only->problem == "packed in a way that is not known here");
  // Anywhere else, numbers look like an unmarked record by chance.
  CHECK_FALSE(inspect::packers::unpack_upx(
      as_bytes(macho + test::numbers(90'000) + record + "abcdef"), kMost));
}

TEST_CASE("upx: ELF with its marks changed") {
  const test::UpxFile file = test::upx_elf({.method = 8});
  const Unpacked result = unpacked(test::replaced(file.packed, "UPX!", "YTS\x99"));
  check_whole(result, file);
  CHECK(has(result.tampered, "the mark UPX! behind the program headers is gone"));
  CHECK(has(result.tampered, "the mark UPX! of the record at the end is gone"));
}

TEST_CASE("upx: ELF with the size of the original wiped or wrong") {
  const test::UpxFile file = test::upx_elf({.method = 14});
  const Unpacked wiped = unpacked(with(file.packed, file.info + 16, word(0) + word(0)));
  check_whole(wiped, file);
  CHECK(has(wiped.tampered, "the size of the original is wiped"));
  const Unpacked wrong = unpacked(with(file.packed, file.info + 16, word(100)));
  check_whole(wrong, file);
  CHECK(has(wrong.tampered, "the size of the original is wrong"));
}

TEST_CASE("upx: ELF with everything wiped that is not needed to run it") {
  for (const unsigned method : {2U, 5U, 8U, 14U}) {
    CAPTURE(method);
    const test::UpxFile file = test::upx_elf({.method = method});
    std::string bytes = with(file.packed, file.info, std::string(24, '\0'));
    bytes = with(bytes, file.record, std::string(36, '\0'));
    const Unpacked result = unpacked(bytes);
    check_whole(result, file);
    CHECK(has(result.tampered, "the size of the original is wiped"));
    CHECK(has(result.tampered, "UPX's record at the end is gone"));
  }
}

TEST_CASE("upx: ELF with something appended") {
  const test::UpxFile file = test::upx_elf({.method = 2});
  const Unpacked result = unpacked(file.packed + test::numbers(5'000));
  check_whole(result, file);
  CHECK(result.tampered.empty());
}

TEST_CASE("upx: ELF with another count of program headers") {
  const test::UpxFile file = test::upx_elf({.method = 2});
  for (const unsigned count : {1U, 2U, 4U}) {
    CAPTURE(count);
    std::string bytes = file.packed;
    bytes[0x38] = static_cast<char>(count);
    const Unpacked result = unpacked(bytes);
    check_whole(result, file);
    CHECK(has(result.tampered, "do not end where the packed data begins"));
    // Nor does anything at the end tell where it is.
    check_whole(unpacked(with(bytes, file.record, std::string(36, '\0'))), file);
  }
}

TEST_CASE("upx: ELF with section headers that are none, and everything else changed too") {
  const test::UpxFile file = test::upx_elf({.method = 8});
  std::string bytes = with(file.packed, file.info, std::string(24, '\0'));
  bytes = with(bytes, file.record, std::string(36, '\0'));
  bytes = with(bytes, 0x28, "\x40\x10");  // where they are
  bytes = with(bytes, 0x3c, "\x07");      // how many
  bytes[0x38] = 2;                        // program headers
  check_whole(unpacked(bytes), file);
}

TEST_CASE("upx: ELF with a broken block gives the rest and says what is missing") {
  const test::UpxFile file = test::upx_elf({.method = 8});
  // The first segment breaks in its middle.
  const std::size_t middle = (file.blocks[1] + file.blocks[2]) / 2;
  const Unpacked result = unpacked(with(file.packed, middle, std::string(64, '\0')));
  CHECK(result.bytes.size() == file.original.size());
  CHECK(result.bytes.substr(0, 8'000) == file.original.substr(0, 8'000));
  CHECK(result.bytes.substr(33'500) == file.original.substr(33'500));
  CHECK(result.problem.find("bytes of segments could not be unpacked") != std::string::npos);
}

TEST_CASE("upx: ELF cut short gives what is there") {
  const test::UpxFile file = test::upx_elf({.method = 8});
  const Unpacked result = unpacked(std::string_view(file.packed).substr(0, file.blocks[3]));
  CHECK(result.bytes.substr(0, 30'000) == file.original.substr(0, 30'000));
  CHECK(result.problem.find("in no segment could not be unpacked") != std::string::npos);
}

TEST_CASE("upx: no more is made than is wanted") {
  for (const std::uint64_t most : {0U, 10U, 1'000U, 31'000U}) {
    CAPTURE(most);
    const test::UpxFile elf = test::upx_elf({.method = 2});
    const auto result = inspect::packers::unpack_upx(as_bytes(elf.packed), most);
    REQUIRE(result.has_value());
    CHECK(result->bytes == elf.original.substr(0, most));
    CHECK(result->problem.find("more than are kept") != std::string::npos);
    const test::UpxFile pe = test::upx_pe({.method = 14});
    const auto image = inspect::packers::unpack_upx(as_bytes(pe.packed), most);
    REQUIRE(image.has_value());
    CHECK(image->bytes == pe.original.substr(0, most));
    CHECK(image->problem.find("more than are kept") != std::string::npos);
  }
}

TEST_CASE("upx: PE comes back as its memory, of every method and width") {
  for (const unsigned method : kMethods) {
    for (const unsigned bits : {32U, 64U}) {
      CAPTURE(method);
      CAPTURE(bits);
      const test::UpxFile file = test::upx_pe({.bits = bits, .method = method});
      const Unpacked result = unpacked(file.packed);
      check_whole(result, file);
      CHECK(result.format == "PE");
      CHECK(result.tampered.empty());
    }
  }
}

TEST_CASE("upx: PE with its marks and names changed") {
  for (const unsigned method : {2U, 5U, 8U, 14U}) {
    CAPTURE(method);
    const test::UpxFile file = test::upx_pe({.method = method});
    std::string bytes = test::replaced(file.packed, "UPX!", std::string(4, '\0'));
    bytes = test::replaced(test::replaced(bytes, "UPX0", ".aaa"), "UPX1", ".bbb");
    const Unpacked result = unpacked(bytes);
    check_whole(result, file);
    CHECK(has(result.tampered, "the mark UPX! of the record is gone"));
    CHECK(has(result.tampered, "sections have not the names that UPX gives"));
  }
}

TEST_CASE("upx: PE with the record wiped") {
  for (const unsigned method : {2U, 5U, 8U, 14U, 15U}) {
    CAPTURE(method);
    const test::UpxFile file = test::upx_pe({.method = method});
    const Unpacked result = unpacked(with(file.packed, file.record, std::string(32, '\0')));
    // LZMA has no end: some of what follows it is decoded too.
    CHECK(result.bytes.substr(0, file.original.size()) == file.original);
    if (method != 14) CHECK(result.bytes.size() == file.original.size());
    CHECK(result.problem.empty());
    CHECK(has(result.tampered, "record in front of the packed data is gone"));
  }
}

TEST_CASE("upx: PE whose packed data was changed") {
  const test::UpxFile file = test::upx_pe({.method = 8});
  const Unpacked result =
      unpacked(with(file.packed, file.record + 32 + 8'000, std::string(64, '\0')));
  CHECK(result.bytes.size() > 8'000);
  CHECK(result.bytes.substr(0, 8'000) == file.original.substr(0, 8'000));
  CHECK((!result.problem.empty() || has(result.tampered, "the sum of the packed data is wrong")));
}

TEST_CASE("upx: what UPX did not pack is let alone") {
  test::ElfSpec ordinary;
  ordinary.sections = {{.name = ".text", .body = test::numbers(20'000), .flags = 6}};
  ordinary.segments = {{.size = 20'000}, {.type = 4, .size = 0}};
  const std::string elf = test::ElfFile(ordinary).bytes;
  CHECK_FALSE(inspect::packers::looks_packed_by_upx(as_bytes(elf)));
  // Without section headers it is worth a look, which finds nothing.
  ordinary.section_headers = false;
  const std::string stripped = test::ElfFile(ordinary).bytes;
  CHECK(inspect::packers::looks_packed_by_upx(as_bytes(stripped)));
  CHECK_FALSE(inspect::packers::unpack_upx(as_bytes(stripped), kMost).has_value());
  const test::PeFile pe({.sections = {{.name = ".text", .body = test::numbers(20'000)},
                                      {.name = ".data", .body = "x"}}});
  CHECK_FALSE(inspect::packers::looks_packed_by_upx(as_bytes(pe.bytes)));
  // Another packer's sections of the same kind.
  const test::PeFile other(
      {.sections = {{.name = ".aaa", .memory_size = 0x8000, .flags = 0xe0000080},
                    {.name = ".bbb", .body = test::numbers(20'000)}}});
  CHECK(inspect::packers::looks_packed_by_upx(as_bytes(other.bytes)));
  CHECK_FALSE(inspect::packers::unpack_upx(as_bytes(other.bytes), kMost).has_value());
  CHECK_FALSE(inspect::packers::looks_packed_by_upx(as_bytes("#!/bin/sh\nUPX!")));
}

TEST_CASE("upx: packed by it, but nothing of it is there") {
  const test::UpxFile file = test::upx_elf({.method = 2});
  const Unpacked result = unpacked(file.packed.substr(0, file.info + 24) + test::numbers(4'000));
  CHECK(result.bytes.empty());
  CHECK(result.problem == "no packed data was found where UPX puts it");
}
