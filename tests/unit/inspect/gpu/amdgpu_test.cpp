#include "inspect/gpu/amdgpu.h"

#include "inspect/gpu/msgpack.h"
#include "support/elf_file.h"
#include "support/gpu_objects.h"

using namespace minescan;
using namespace minescan::inspect::gpu;
using namespace minescan::test;
using std::string_literals::operator""s;

namespace {

GpuObject amd(const std::string& bytes) {
  auto object = read_amdgpu(as_bytes(bytes));
  REQUIRE(object.has_value());
  return std::move(*object);
}

ElfSpec spec(const std::string& text) {
  ElfSpec spec;
  spec.machine = 224;
  spec.type = 3;
  spec.os_abi = 0x40;
  spec.flags = 0x36;
  spec.sections = {{.name = ".text", .body = text, .flags = 6}};
  return spec;
}

std::string words(std::initializer_list<std::uint32_t> words) {
  std::string bytes;
  for (const std::uint32_t word : words) bytes += little_bytes(word);
  return bytes;
}

}  // namespace

TEST_CASE("amdgpu: what clang makes of a search over headers tells its name and constants") {
  const GpuObject object = amd(gpu_file("built/sha256d_search.gfx906.o"));
  CHECK(object.target == "gfx906");
  CHECK(joined(object.kernels) == "search");
  CHECK(count_words(object.words, kSha256) == 64);
  CHECK(count_words(object.words, kFolded) >= 13);
  CHECK(object.words.size() < 400);  // literals, and not all instructions
  CHECK(object.problems.empty());
}

TEST_CASE("amdgpu: tables are read, and benign code has nothing of a search") {
  const GpuObject hasher = amd(gpu_file("built/file_sha256.gfx1030.o"));
  CHECK(hasher.target == "gfx1030");
  CHECK(joined(hasher.kernels) == "hash_files");
  CHECK(count_words(hasher.words, kSha256) == 64);
  CHECK(count_words(hasher.words, kFolded) == 0);
  const GpuObject keccak = amd(gpu_file("built/keccak_search.gfx1030.o"));
  CHECK(count_words(keccak.words, kKeccak) == kKeccak.size());
  CHECK(has_word(amd(gpu_file("built/dag_search.gfx1030.o")).words, kFnvPrime));
  CHECK(amd(gpu_file("built/vector_add.gfx1030.o")).words.size() < 10);
}

TEST_CASE("amdgpu: literals of scalar, vector and long instructions are read, others are not") {
  const std::string text = words({
      0xbe8003ff, 0x11111111,              // s_mov_b32 s0, literal
      0x8000ff01, 0x22222222,              // s_add_u32 s0, s1, literal
      0x320202ff, 0x33333333,              // v_add_u32 v1, literal, v1
      0xd5690000, 0x0001ff01, 0x44444444,  // v_mul_lo_u32 v0, v1, literal
      0xd7760000, 0x03fe0501, 0x55555555,  // a third source
      0x7e000300, 0x66666666,              // v_mov_b32 v0, v0
      0xc80000ff, 0x01000201, 0x77777777,  // a dual instruction
  });
  const GpuObject object = amd(ElfFile(spec(text)).bytes);
  for (const std::uint32_t literal :
       {0x11111111U, 0x22222222U, 0x33333333U, 0x44444444U, 0x55555555U, 0x77777777U}) {
    CAPTURE(literal);
    CHECK(has_word(object.words, literal));
  }
  CHECK_FALSE(has_word(object.words, 0x66666666));
}

TEST_CASE("amdgpu: names come from metadata of both kinds, descriptors, and functions at last") {
  // {"amdhsa.kernels": [{".args": [{".name": "nonce"}], ".name": "search"}], "amdhsa.target": …}
  const std::string metadata =
      "\x82\xae"
      "amdhsa.kernels\x91\x82\xa5.args\x91\x81\xa5.name\xa5nonce\xa5.name\xa6search"
      "\xad"
      "amdhsa.target\xd9\x20"
      "amdgcn-amd-amdhsa--gfx90a:xnack-";
  ElfSpec note = spec("");
  note.sections.push_back({.name = ".note", .body = elf_note("AMDGPU", 32, metadata), .type = 7});
  note.symbols = {{.name = "third.kd", .info = 0x11}, {.name = "function"}};
  const GpuObject object = amd(ElfFile(note).bytes);
  CHECK(joined(object.kernels) == "search third");
  CHECK(object.target == "gfx90a:xnack-");

  ElfSpec old = spec("");
  const std::string yaml =
      "Kernels:\n  - Name: search\n    SymbolName: 'search@kd'\n    Args:\n      - Name: nonce\n";
  old.sections.push_back({.name = ".note", .body = elf_note("AMD", 10, yaml), .type = 7});
  CHECK(joined(amd(ElfFile(old).bytes).kernels) == "search");

  ElfSpec pal = spec("");
  pal.os_abi = 0x41;
  pal.symbols = {{.name = "function"}, {.name = "object", .info = 0x11}};
  CHECK(joined(amd(ElfFile(pal).bytes).kernels) == "function");
}

TEST_CASE("amdgpu: objects of AMD APP are read by their symbols and bytes") {
  ElfSpec legacy = spec(words({0x11111111, 0x428a2f98}));
  legacy.bits = 32;
  legacy.machine = 0xAF5B;
  legacy.os_abi = 0;
  legacy.symbols = {{.name = "__OpenCL_search_kernel"},
                    {.name = "__OpenCL_search_metadata"},
                    {.name = "__OpenCL__kernel"},
                    {.name = "other"}};
  const GpuObject object = amd(ElfFile(legacy).bytes);
  CHECK(joined(object.kernels) == "search");
  CHECK(has_word(object.words, 0x428a2f98));
}

TEST_CASE("msgpack: every kind of value is passed over, and broken ones end it") {
  const std::string all =
      "\xde\x00\x11"
      "\xa1"
      "a\xc0\xa1"
      "b\xc2\xa1"
      "c\xc3"
      "\xa1"
      "d\xcc\x01\xa1"
      "e\xcd\x01\x02\xa1"
      "f\xce\1\2\3\4"
      "\xa1"
      "g\xcf\1\2\3\4\5\6\7\10\xa1"
      "h\xd0\1\xa1"
      "i\xd1\1\2"
      "\xa1"
      "j\xd2\1\2\3\4\xa1"
      "k\xd3\1\2\3\4\5\6\7\10"
      "\xa1"
      "l\xca\1\2\3\4\xa1"
      "m\xcb\1\2\3\4\5\6\7\10\xa1n\xe0"
      "\xa1o\xc4\3abc\xa1p\xdc\0\1\x7f\xa1q\xda\0\4last"s;
  const auto texts = msgpack_texts(as_bytes(all));
  REQUIRE(texts.size() == 1);
  CHECK(texts.at(0).key == "q");
  CHECK(texts.at(0).text == "last");
  for (std::size_t n = 0; n < all.size(); ++n) {
    CHECK(msgpack_texts(as_bytes(all.substr(0, n))).empty());
  }
  CHECK(msgpack_texts(as_bytes("\xc1")).empty());
  CHECK(msgpack_texts(as_bytes(std::string(100'000, '\x91'))).empty());
}
