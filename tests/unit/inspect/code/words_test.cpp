// The set of words, and where wasm and AArch64 hide theirs.
#include "inspect/code/words.h"

#include "inspect/code/aarch64_words.h"
#include "inspect/code/wasm_words.h"
#include "support/gpu_objects.h"

using namespace minescan;
using namespace minescan::inspect::code;
using namespace minescan::test;
using std::string_literals::operator""s;

namespace {

using List = std::vector<std::uint32_t>;

std::string sized(const std::string& body) {
  std::string size;
  std::size_t left = body.size();
  do {
    const auto part = static_cast<unsigned>(left & 0x7f);
    left >>= 7;
    size.push_back(static_cast<char>(left != 0 ? part | 0x80 : part));
  } while (left != 0);
  return size + body;
}

const std::string kMagic = "\0asm\1\0\0\0"s;

// One function with these instructions, without locals.
std::string module(const std::string& instructions, const std::string& data = "") {
  std::string bytes = kMagic + "\x0a" + sized("\1" + sized("\0"s + instructions));
  if (!data.empty()) bytes += "\x0b" + sized(data);
  return bytes;
}

WasmWords wasm(const std::string& bytes) {
  auto words = read_wasm_words(as_bytes(bytes));
  REQUIRE(words.has_value());
  return std::move(*words);
}

std::string instructions(std::initializer_list<std::uint32_t> words) {
  std::string bytes;
  for (const std::uint32_t word : words) bytes += little_bytes(word);
  return bytes;
}

List aarch64(const std::string& code) {
  Words words;
  Aarch64Words().read(as_bytes(code), words);
  return words.take();
}

}  // namespace

TEST_CASE("words: each is kept once, in the order of first appearance, 0 as well") {
  Words words;
  for (const std::uint32_t word : {5U, 0U, 7U, 5U, 0U, 0xffffffffU}) words.add(word);
  words.add64(0x0000000700000009);
  words.add_table(as_bytes("\x05\0\0\0\x0a\0\0\0\xff\xff"s));
  CHECK(words.size() == 6);
  CHECK(words.take() == List{5, 0, 7, 0xffffffff, 9, 10});
  CHECK(words.take().empty());
  for (std::uint32_t i = 0; i < 200'000; ++i) words.add(i * 2654435761U);
  for (std::uint32_t i = 0; i < 200'000; ++i) words.add(i * 2654435761U);
  CHECK(words.size() == 200'000);
  CHECK_FALSE(words.full());
}

TEST_CASE("words: numbers that 32 bits hold are one word, signed or not") {
  Words words;
  words.add_number(0xffffffff, false);
  words.add_number(0x80000000, true);
  words.add_number(3, true);
  words.add_number(0x80000001, true);
  words.add_number(0x123456789, false);
  CHECK(words.take() == List{0xffffffff, 0x80000000, 0xfffffffd, 0x7fffffff, 0x23456789, 1});
}

TEST_CASE("words: there is a most of them, and repetitions do not count") {
  Words words;
  for (std::uint32_t i = 0; i < kMostWords; ++i) words.add(i);
  words.add(1);
  words.add(0);
  CHECK_FALSE(words.full());
  words.add(static_cast<std::uint32_t>(kMostWords));
  CHECK(words.full());
  CHECK(words.take().size() == kMostWords);
}

TEST_CASE("words: as a view they are four bytes each, the lowest first") {
  const auto view = as_view({0x04030201, 0xff});
  CHECK(as_text(view) == "\1\2\3\4\xff\0\0\0"s);
}

TEST_CASE("wasm: constants of code are read, padded or not, and those of data behind them") {
  const std::string code =
      "\x41\x93\x83\x80\x08"
      "\x41\xf4\xe7\xef\x8c\x7c"
      "\x41\x80\x88\x80\x80\x00"
      "\x42\x81\x81\x82\x80\x88\x80\x80\x80\x80\x7f"
      "\x1a\x0b"s;
  const std::string data =
      "\2\0\x41\x02\x0b"s + sized("xx\x98\x2f\x8a\x42"s) + "\1" + sized("\x91\x44\x37\x71"s);
  const WasmWords found = wasm(module(code, data));
  CHECK(found.words ==
        List{0x01000193, 0xc19bf3f4, 0x400, 0x80008081, 0x80000000, 0x428a2f98, 0x71374491});
  CHECK(found.problems.empty());
}

TEST_CASE("wasm: operands of other instructions are no constants") {
  // Each holds the bytes of i32.const 5 as an operand, then i32.const 1.
  const std::string holding[] = {
      "\x44\x41\x05\x41\x05\x41\x05\x41\x05"s,  // f64.const
      "\x43\x41\x05\x41\x05"s,                  // f32.const
      "\x28\x41\x41\x05"s,                      // i32.load of a second memory
      "\x20\x41"s,                              // local.get
      "\x0e\x02\x41\x05\x41"s,                  // br_table
      "\x11\x41\x05"s,                          // call_indirect
      "\x02\x40\x0b"s,                          // block
      "\x1c\x01\x7f"s,                          // select t
      "\xfc\x0a\x41\x05"s,                      // memory.copy
      "\xfc\x0b\x41"s,                          // memory.fill
      "\xfc\x02"s,                              // trunc_sat
      "\xfd\x0d\x41\x05\x41\x05\x41\x05\x41\x05\x41\x05\x41\x05\x41\x05\x41\x05"s,  // shuffle
      "\xfd\x15\x41"s,                                                              // extract_lane
      "\xfd\x54\x00\x41\x05"s,                                                      // load8_lane
      "\xfd\x00\x00\x41"s,                                                          // v128.load
      "\xfd\xae\x01"s,                                                              // i32x4.add
      "\xfe\x10\x02\x41"s,                                                          // atomic load
      "\xfe\x03\x41"s,                                                              // fence
      "\xd0\x41"s,                                                                  // ref.null
  };
  for (const std::string& one : holding) {
    const WasmWords found = wasm(module(one + "\x41\x01\x0b"));
    CAPTURE(one);
    CHECK(found.words == List{1});
    CHECK(found.problems.empty());
  }
  const std::string vector = "\xfd\x0c\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\x0b"s;
  CHECK(wasm(module(vector)).words == List{1, 2, 3, 4});
}

TEST_CASE("wasm: behind an instruction that is not known every constant is still found") {
  const WasmWords found = wasm(module("\xf7\x41\x93\x83\x80\x08\x0b"s));
  CHECK(has_word(found.words, 0x01000193));
  CHECK(has_part(found.problems, "not known"));
}

TEST_CASE("wasm: modules that end early are read as far as they go") {
  CHECK_FALSE(read_wasm_words(as_bytes("")).has_value());
  CHECK_FALSE(read_wasm_words(as_bytes("\0asm\2\0\0\0"s)).has_value());
  const std::string whole = module("\x41\x93\x83\x80\x08\x0b"s, "\1\0\x41\0\x0b"s + sized("abcd"));
  for (std::size_t n = kMagic.size() + 1; n < whole.size(); ++n) {
    const auto found = read_wasm_words(as_bytes(whole.substr(0, n)));
    REQUIRE(found.has_value());
    const bool between = n == whole.size() - 12;  // of two sections
    CHECK(found->cut != between);
  }
  CHECK(wasm(whole).words == List{0x01000193, 0x64636261});
  const WasmWords odd = wasm(kMagic + "\x0b" + sized("\1\0\x6a\x98\x2f\x8a\x42"s));
  CHECK(has_word(odd.words, 0x428a2f98));
  CHECK(odd.problems.size() == 1);
}

TEST_CASE("aarch64: MOVZ, MOVK and MOVN make the constants, also interleaved") {
  // mov w0, #0x2f98; mov w1, #0x4491; movk w0, #0x428a, lsl 16; movk w1, #0x7137, lsl 16
  const List pairs = aarch64(instructions({0x5285f300, 0x52889221, 0x72a85140, 0x72ae26e1}));
  CHECK(has_word(pairs, 0x428a2f98));
  CHECK(has_word(pairs, 0x71374491));
  // movn w2, #0x5: -6
  CHECK(has_word(aarch64(instructions({0x128000a2})), 0xfffffffa));
  // movz x3, #0xc908; movk #0xf3bc, 16; movk #0xe667, 32; movk #0x6a09, 48
  const List wide = aarch64(instructions({0xd2992103, 0xf2be7783, 0xf2dcccE3, 0xf2ed4123}));
  CHECK(has_word(wide, 0xf3bcc908));
  CHECK(has_word(wide, 0x6a09e667));
  // Other instructions and impossible shifts are nothing: add, movz w, lsl 32.
  CHECK(aarch64(instructions({0x91000400, 0x52c00020})).empty());
  CHECK(aarch64("\x52").empty());
}
