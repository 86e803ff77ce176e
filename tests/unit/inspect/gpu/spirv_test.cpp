// SPIR-V, Intel's objects and Metal libraries, and all kinds behind one door.
#include "inspect/gpu/spirv.h"

#include "inspect/gpu/gpu.h"
#include "inspect/gpu/metallib.h"
#include "inspect/gpu/zebin.h"
#include "support/elf_file.h"
#include "support/gpu_objects.h"

using namespace minescan;
using namespace minescan::inspect::gpu;
using namespace minescan::test;

namespace {

using Instructions = std::vector<std::vector<std::uint32_t>>;

std::string number(std::uint32_t word, bool big_endian) {
  const std::string little = little_bytes(word);
  return big_endian ? std::string(little.rbegin(), little.rend()) : little;
}

// Each instruction: its opcode, then its operands.
std::string spirv(const Instructions& instructions, bool big_endian = false,
                  std::uint32_t version = 0x00010300) {
  std::string bytes;
  for (const std::uint32_t word : {0x07230203U, version, 0x00080001U, 100U, 0U}) {
    bytes += number(word, big_endian);
  }
  for (const auto& words : instructions) {
    const auto count = static_cast<std::uint32_t>(words.size());
    bytes += number(count << 16 | words.at(0), big_endian);
    for (std::size_t i = 1; i < words.size(); ++i) bytes += number(words[i], big_endian);
  }
  return bytes;
}

const Instructions kSearch = {
    {17, 4},                             // OpCapability
    {15, 6, 1, 0x72616573, 0x00006863},  // OpEntryPoint "search"
    {21, 2, 32, 0},                      // OpTypeInt
    {43, 2, 3, 0x428a2f98},              // OpConstant
    {43, 4, 5, 0x80008081, 0x80000000},
    {50, 2, 6, 7},
    {44, 2, 7, 8},  // 64 bits; spec; composite
};

std::string metallib(const std::string& list, std::uint64_t offset = 88) {
  std::string bytes = "MTLB" + std::string(12, '\0') +
                      little_bytes(std::uint64_t{88} + list.size()) + little_bytes(offset) +
                      little_bytes(std::uint64_t{list.size()});
  // No metadata, no bitcode.
  for (int i = 0; i < 3; ++i) bytes += little_bytes(std::uint64_t{88}) + std::string(8, '\0');
  return bytes + list;
}

std::string function(const std::string& name, char type) {
  const std::string tags = "NAME" + little_bytes(static_cast<std::uint16_t>(name.size() + 1)) +
                           name + std::string(1, '\0') + "TYPE" + little_bytes(std::uint16_t{1}) +
                           std::string(1, type) + "ENDT";
  return little_bytes(static_cast<std::uint32_t>(tags.size() + 4)) + tags;
}

}  // namespace

TEST_CASE("SPIR-V: entry points and constants of either byte order") {
  for (const bool big_endian : {false, true}) {
    const std::string bytes = spirv(kSearch, big_endian);
    const auto object = read_spirv(as_bytes(bytes));
    REQUIRE(object.has_value());
    CHECK(object->target == "SPIR-V 1.3");
    CHECK(joined(object->kernels) == "search");
    CHECK(object->words == std::vector<std::uint32_t>{0x428a2f98, 0x80008081, 0x80000000, 7});
    CHECK(object->problems.empty());
  }
}

TEST_CASE("SPIR-V: headers that break the rules are none, and instructions that do end it") {
  CHECK_FALSE(read_spirv(as_bytes("")).has_value());
  CHECK_FALSE(read_spirv(as_bytes(spirv({}).substr(0, 19))).has_value());
  CHECK_FALSE(read_spirv(as_bytes(spirv({}, false, 0x00020000))).has_value());
  CHECK_FALSE(read_spirv(as_bytes(spirv({}, false, 0x00010900))).has_value());
  CHECK(read_spirv(as_bytes(spirv({}))).has_value());
  Instructions bad = kSearch;
  bad.push_back({0x7777});
  bad.push_back({43, 2, 3, 99});
  const std::string bytes = spirv(bad);
  const auto object = read_spirv(as_bytes(bytes));
  CHECK(object->words.size() == 4);
  CHECK(object->problems.size() == 1);
  const std::string cut = spirv(kSearch).substr(0, 58);
  CHECK(read_spirv(as_bytes(cut))->problems.size() == 1);
}

TEST_CASE("zebin: kernels by sections and .ze_info, constants of the SPIR-V inside") {
  ElfSpec spec;
  spec.type = 0xff12;
  spec.machine = 205;
  spec.sections = {
      {.name = ".text.search", .body = "code", .flags = 6},
      {.name = ".ze_info", .body = "kernels:\n  - name:  other\n    simd: 16\n  - name: 'third'\n"},
      {.name = ".spv", .body = spirv(kSearch)}};
  const std::string bytes = ElfFile(spec).bytes;
  const auto object = read_zebin(as_bytes(bytes));
  REQUIRE(object.has_value());
  CHECK(joined(object->kernels) == "other search third");
  CHECK(has_word(object->words, 0x428a2f98));
  spec.machine = 62;
  spec.type = 2;
  CHECK_FALSE(read_zebin(as_bytes(ElfFile(spec).bytes)).has_value());
}

TEST_CASE("metallib: kernels by name, other functions not") {
  const std::string list = little_bytes(std::uint32_t{3}) + function("search", '\2') +
                           function("vertices", '\0') + function("add", '\2');
  const auto object = read_metallib(as_bytes(metallib(list)));
  REQUIRE(object.has_value());
  CHECK(joined(object->kernels) == "add search");
  CHECK(object->problems.empty());
  const std::string cut = metallib(list);
  for (std::size_t n = 0; n < cut.size(); ++n) {
    const auto part = read_metallib(as_bytes(cut.substr(0, n)));
    CHECK((!part || !part->problems.empty()));
  }
  CHECK_FALSE(read_metallib(as_bytes(metallib(list, std::uint64_t{1} << 60))).has_value());
}

TEST_CASE("gpu: code objects are found at any offset, host programs are not") {
  ElfSpec host;
  const std::string objects[] = {gpu_file("built/vector_add.sm_90.cubin"),
                                 gpu_file("built/vector_add.gfx1030.o"), spirv(kSearch),
                                 spirv(kSearch, true), metallib(little_bytes(std::uint32_t{0}))};
  const std::string before = ElfFile(host).bytes + "\x03\x02\x23\x07 MTLB \x07\x23\x02\x03";
  for (const std::string& object : objects) {
    for (std::size_t shift = 0; shift < 20; ++shift) {
      const std::string bytes = before + std::string(shift, 'x') + object;
      CHECK(find_code_object(as_bytes(bytes), 0) == before.size() + shift);
      CHECK(find_code_object(as_bytes(bytes), before.size()) == before.size() + shift);
      const std::string_view text = bytes;
      CHECK(read_gpu_object(as_bytes(text.substr(before.size() + shift))).has_value());
    }
    CHECK(is_code_object(as_bytes(object)));
  }
  CHECK_FALSE(find_code_object(as_bytes(before), 0).has_value());
  CHECK_FALSE(read_gpu_object(as_bytes(before)).has_value());
  CHECK_FALSE(read_gpu_object(as_bytes("")).has_value());
  CHECK(read_gpu_object(as_bytes(gpu_file("vector_add.cl"))).has_value());
  CHECK(
      read_gpu_object(as_bytes(gpu_file("built/dag_search.ptx") + std::string(9, '\0')))->target ==
      "PTX sm_90");
}

TEST_CASE("gpu: names and problems are bounded") {
  Kernels kernels;
  const std::string shared(kLongestKernel, 'n');
  for (std::size_t i = 0; i < 3 * kMostKernels; ++i) kernels.add(shared + std::to_string(i));
  CHECK_FALSE(kernels.full());  // cut, they are the same
  CHECK(kernels.take() == std::vector<std::string>{shared});
  for (std::size_t i = 0; i < 3 * kMostKernels; ++i) kernels.add(std::to_string(i));
  CHECK(kernels.full());
  CHECK(kernels.take().size() == kMostKernels);
  GpuObject object;
  for (int i = 0; i < 1000; ++i) add_problem(object, "x");
  CHECK(object.problems.size() == kMostProblems);
}

TEST_CASE("gpu: a search computes much and writes little") {
  const KernelShape search{.instructions = 2584, .logic = 1800, .stores = 1, .atomics = 1};
  CHECK(is_search_shaped(search));
  KernelShape hasher = search;
  hasher.stores = 8;
  CHECK_FALSE(is_search_shaped(hasher));
  KernelShape small = search;
  small.instructions = 100;
  CHECK_FALSE(is_search_shaped(small));
  KernelShape arithmetic = search;
  arithmetic.logic = 300;
  CHECK_FALSE(is_search_shaped(arithmetic));
  KernelShape silent = search;
  silent.stores = silent.atomics = 0;
  CHECK_FALSE(is_search_shaped(silent));
}
