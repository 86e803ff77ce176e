#include "inspect/gpu/cubin.h"

#include "inspect/gpu/gpu.h"
#include "support/elf_file.h"
#include "support/gpu_objects.h"

using namespace minescan;
using namespace minescan::inspect::gpu;
using namespace minescan::test;

namespace {

GpuObject cubin(const std::string& bytes) {
  auto object = read_cubin(as_bytes(bytes));
  REQUIRE(object.has_value());
  return std::move(*object);
}

// An instruction since sm_70.
std::string instruction(std::uint16_t opcode, std::uint32_t immediate) {
  return little_bytes(opcode) + std::string(2, '\0') + little_bytes(immediate) +
         std::string(8, '\0');
}
std::string umov64(std::uint64_t immediate) {
  return "\x82\x74\x06" + little_bytes(immediate) + std::string(5, '\0');
}

ElfSpec spec(unsigned sm, const std::string& text) {
  ElfSpec spec;
  spec.machine = 190;
  const bool today = sm >= 75;
  spec.os_abi = today ? 0x41 : 0x33;
  spec.abi_version = today ? 8 : 7;
  spec.flags = today ? 0x06000004U | sm << 8 : 0x00340500U | sm;
  spec.sections = {{.name = ".text.search", .body = text, .flags = 6}};
  return spec;
}

}  // namespace

TEST_CASE("cubin: what ptxas makes of a search over headers tells its constants and its shape") {
  const GpuObject object = cubin(gpu_file("built/sha256d_search.sm_120.cubin"));
  CHECK(object.target == "sm_120");
  CHECK(joined(object.kernels) == "search");
  CHECK(count_words(object.words, kSha256) == 64);
  CHECK(count_words(object.words, kFolded) >= 13);
  REQUIRE(object.shapes.size() == 1);
  CHECK(object.shapes.at(0).name == "search");
  CHECK(object.shapes.at(0).atomics == 1);
  CHECK(object.shapes.at(0).stores == 1);
  CHECK(object.shapes.at(0).loads == 8);
  CHECK(is_search_shaped(object.shapes.at(0)));
  CHECK(object.problems.empty());
}

TEST_CASE("cubin: a benign hasher has the table and not what a search folds, nor its shape") {
  const GpuObject object = cubin(gpu_file("built/file_sha256.sm_90.cubin"));
  CHECK(object.target == "sm_90");
  CHECK(joined(object.kernels) == "hash_files");
  CHECK(count_words(object.words, kSha256) == 64);
  CHECK(count_words(object.words, kFolded) == 0);
  CHECK_FALSE(is_search_shaped(object.shapes.at(0)));
  const GpuObject add = cubin(gpu_file("built/vector_add.sm_90.cubin"));
  CHECK(joined(add.kernels) == "vector_add");
  CHECK(add.words.size() < 10);
  CHECK(add.shapes.at(0).loads == 2);
  CHECK(add.shapes.at(0).stores == 1);
  const GpuObject dag = cubin(gpu_file("built/dag_search.sm_90.cubin"));
  CHECK(has_word(dag.words, kFnvPrime));
}

TEST_CASE("cubin: immediates are told from registers and banks, and wide ones are both halves") {
  const std::string text = instruction(0x7812, 0xa1b2c3d4) + instruction(0x7212, 0x11111111) +
                           instruction(0x7a10, 0x22222222) + instruction(0x7424, 0x01000193) +
                           umov64(0x61C8864680B583EB) + instruction(0x7918, 0x33333333);
  const GpuObject object = cubin(ElfFile(spec(120, text)).bytes);
  CHECK(has_word(object.words, 0xa1b2c3d4));
  CHECK(has_word(object.words, 0x01000193));
  CHECK(has_word(object.words, 0x80b583eb));
  CHECK(has_word(object.words, 0x61c88646));
  CHECK_FALSE(has_word(object.words, 0x11111111));
  CHECK_FALSE(has_word(object.words, 0x22222222));
  CHECK_FALSE(has_word(object.words, 0x33333333));
  CHECK(object.shapes.at(0).instructions == 5);
  CHECK(object.shapes.at(0).logic == 2);
}

TEST_CASE("cubin: immediates before sm_70 are where those processors have them") {
  struct Case {
    unsigned sm;
    unsigned shift;
  };
  for (const Case& one : {Case{30, 26}, Case{35, 23}, Case{52, 20}, Case{61, 20}}) {
    const std::uint64_t word = std::uint64_t{0x428a2f98} << one.shift | 0x1e;
    const GpuObject object = cubin(ElfFile(spec(one.sm, little_bytes(word))).bytes);
    CHECK(object.target == "sm_" + std::to_string(one.sm));
    CHECK(has_word(object.words, 0x428a2f98));
    CHECK(object.shapes.empty());
  }
}

TEST_CASE("cubin: tables of constants are read, once") {
  const std::string table = little_bytes(std::uint64_t{0x8000000080008081});
  const std::string other = little_bytes(std::uint32_t{0xdeadbeef});
  ElfSpec with_tables = spec(100, instruction(0x7812, 1));
  with_tables.sections.push_back({.name = ".nv.constant3", .body = table});
  with_tables.sections.push_back({.name = ".nv.global.init", .body = "\1\2\3\4\5"});
  with_tables.sections.push_back({.name = ".nv.merc.nv.global.init", .body = other});
  with_tables.sections.push_back({.name = ".nv.capmerc.text.search", .body = other});
  with_tables.sections.push_back({.name = ".debug_line", .body = other});
  const GpuObject object = cubin(ElfFile(with_tables).bytes);
  CHECK(object.words == std::vector<std::uint32_t>{1, 0x80008081, 0x80000000, 0x04030201});
}

TEST_CASE("cubin: kernels come by sections and by symbols of entry functions, each once") {
  ElfSpec named = spec(90, "");
  named.sections.push_back({.name = ".nv.info.other", .body = "x"});
  named.symbols = {
      {.name = "search", .other = 0x10}, {.name = "third", .other = 0x10}, {.name = "no_entry"}};
  CHECK(joined(cubin(ElfFile(named).bytes).kernels) == "other search third");
}

TEST_CASE("cubin: without sections its segments are read") {
  ElfSpec bare = spec(90, instruction(0x7812, 0xa1b2c3d4));
  const ElfFile first(bare);
  bare.section_headers = false;
  bare.segments = {{.flags = 5, .offset = first.offsets.at(0) + 56, .size = 16}};
  const GpuObject object = cubin(ElfFile(bare).bytes);
  CHECK(has_word(object.words, 0xa1b2c3d4));
  CHECK(has_part(object.problems, "has no sections"));
}

TEST_CASE("cubin: sections that claim the same bytes again do not make it slow") {
  ElfSpec many = spec(90, std::string(100'000, '\x12'));
  for (int i = 0; i < 2000; ++i) many.sections.push_back({.name = ".text.a", .body = ""});
  ElfFile file(many);
  const std::string size = file.bytes.substr(file.sections_at + 64 + 24, 16);
  for (std::size_t i = 2; i < 2002; ++i) file.put(file.sections_at + 64 * i + 24, size);
  const GpuObject object = cubin(file.bytes);
  std::uint64_t instructions = 0;
  for (const KernelShape& shape : object.shapes) instructions += shape.instructions;
  CHECK(instructions * 16 <= 2 * file.bytes.size());
  CHECK(has_part(object.problems, "twice the file"));
}

TEST_CASE("cubin: one without code, as nvlink makes them, is no problem") {
  ElfSpec empty = spec(90, "");
  empty.sections = {{.name = ".nv.info", .body = "x"}};
  const GpuObject object = cubin(ElfFile(empty).bytes);
  CHECK(object.kernels.empty());
  CHECK(object.problems.empty());
}

TEST_CASE("cubin: the first part of one tells its name and its immediates") {
  const std::string whole = gpu_file("built/sha256d_search.sm_120.cubin");
  const GpuObject object = cubin(whole.substr(0, whole.size() - 2000));
  CHECK(joined(object.kernels) == "search");
  CHECK(count_words(object.words, kFolded) >= 13);
  CHECK(has_part(object.problems, "neither sections nor segments"));
}

TEST_CASE("cubin: other programs are none, and cut ones are read as far as they go") {
  CHECK_FALSE(read_cubin(as_bytes("")).has_value());
  CHECK_FALSE(read_cubin(as_bytes("\x7f"
                                  "ELF"))
                  .has_value());
  ElfSpec host = spec(90, "code");
  host.machine = 62;
  CHECK_FALSE(read_cubin(as_bytes(ElfFile(host).bytes)).has_value());
  CHECK_FALSE(read_gpu_object(as_bytes(ElfFile(host).bytes)).has_value());
  const std::string whole = gpu_file("built/vector_add.sm_90.cubin");
  for (std::size_t n = 64; n < whole.size(); n += 61) {
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK(read_gpu_object(as_bytes(std::string_view(exact.data(), exact.size()))).has_value());
  }
}
