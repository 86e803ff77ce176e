// PTX and kernel sources.
#include "inspect/gpu/lexer.h"
#include "inspect/gpu/ptx.h"
#include "inspect/gpu/ptx_masks.h"
#include "inspect/gpu/source.h"
#include "support/gpu_objects.h"

using namespace minescan;
using namespace minescan::inspect::gpu;
using namespace minescan::test;

namespace {

constexpr std::string_view kHeader = "\n\n.version 8.0\n.target sm_75, debug\n.address_size 64\n";

GpuObject ptx(const std::string& body) {
  auto object = read_ptx(std::string(kHeader) + body);
  REQUIRE(object.has_value());
  return std::move(*object);
}

GpuObject source(const std::string& text) {
  auto object = read_source(text);
  REQUIRE(object.has_value());
  return std::move(*object);
}

// A kernel of OpenCL C around some lines.
std::string opencl(const std::string& body) {
  return "__kernel void search(__global uint* o) {\n uint i = get_global_id(0);\n" + body + "}\n";
}

std::vector<std::optional<std::uint64_t>> numbers_in(std::string_view text) {
  std::vector<std::optional<std::uint64_t>> numbers;
  Lexer lexer(text);
  Token token;
  while (lexer.next(token)) {
    if (token.kind == Token::Kind::number) numbers.push_back(token.value);
  }
  return numbers;
}

}  // namespace

TEST_CASE("lexer: integers of every base and suffix have values, floats have none") {
  using Numbers = std::vector<std::optional<std::uint64_t>>;
  CHECK(numbers_in("0 7u 10UL 0xFFull 0X1f 0b101 017 1'000'000 0x12'34 5i 6z") ==
        Numbers{0, 7, 10, 255, 31, 5, 15, 1000000, 0x1234, 5, 6});
  CHECK(numbers_in("18446744073709551615 18446744073709551616 0xffffffffffffffff "
                   "0x10000000000000000") ==
        Numbers{~std::uint64_t{0}, std::nullopt, ~std::uint64_t{0}, std::nullopt});
  CHECK(numbers_in("1.5 1e10 1.0e-5f 2.f 0f 1f 0x1.8p+3 089") ==
        Numbers(8, std::optional<std::uint64_t>()));
  CHECK(numbers_in("0f3F800000 0d3FF0000000000000") == Numbers{0x3f800000, 0x3ff0000000000000});
  CHECK(numbers_in("a1 _2 x0x3 // 4\n5 /* 6 */ 7 // 8\\n9 /* 10").size() == 3);
  CHECK(numbers_in("").empty());
  CHECK(numbers_in("0x").size() == 1);
  CHECK(numbers_in("\\").empty());
}

TEST_CASE("PTX: what nvcc makes is read") {
  const auto object = read_ptx(gpu_file("built/dag_search.ptx"));
  REQUIRE(object.has_value());
  CHECK(object->target == "PTX sm_90");
  CHECK(joined(object->kernels) == "dag_search");
  CHECK(has_word(object->words, kFnvPrime));
}

TEST_CASE("PTX: immediates are signed decimals, hex or bits of floats; wide ones are two words") {
  const GpuObject object =
      ptx(".visible .entry search(.param .u64 p)\n{\n .loc 1 77 5\n"
          " xor.b32 %r5, %r21, -1582119980; // 1234\n"
          " mul.lo.s32 %r6, %r5, 16777619;\n xor.b64 %rd3, %rd4, -9223372034707259263;\n"
          " add.f32 %f1, %f2, 0f4DFFFFFF;\n mov.u64 %rd1, 0xfcfd;\n$L__BB0_31:\n}\n"
          ".weak .entry second()\n{ ret; }\n");
  CHECK(object.target == "PTX sm_75");
  CHECK(joined(object.kernels) == "search second");
  CHECK(object.words == std::vector<std::uint32_t>{0xa1b2c3d4, 0x01000193, 0x80008081, 0x80000000,
                                                   0x4dffffff, 0xfcfd});
}

TEST_CASE("PTX: tables of bytes are put together to words, wider ones are taken as they are") {
  const GpuObject object =
      ptx(".const .align 1 .b8 powP[12] = {61, 216, 246, 161, 13, 255, 60, 17, 1, 2};\n"
          ".global .align 4 .u32 wide[2] = {1116352408, 0x71374491};\n"
          ".const .b16 half[2] = {4660, -1};\n");
  CHECK(has_word(object.words, 0xa1f6d83d));
  CHECK(has_word(object.words, 0x113cff0d));
  CHECK(has_word(object.words, 0x428a2f98));
  CHECK(has_word(object.words, 0x71374491));
  CHECK(has_word(object.words, 0xffff1234));
  CHECK_FALSE(has_word(object.words, 216));
}

TEST_CASE("PTX: masks say of every character what it is, on any processor") {
  for (unsigned first = 0; first < 256; first += kPtxBlock) {
    std::string text;
    for (unsigned c = first; c < first + kPtxBlock; ++c) text += static_cast<char>(c);
    const PtxMasks wide = ptx_masks(text.data());
    const PtxMasks plain = plain_ptx_masks(text.data());
    CHECK(wide.word == plain.word);
    CHECK(wide.digit == plain.digit);
    CHECK(wide.dot == plain.dot);
    CHECK(wide.other == plain.other);
  }
}

TEST_CASE("PTX: block by block the same is read as token by token") {
  // Parts that change what the next ones mean, put together in any order.
  constexpr std::array<std::string_view, 36> kParts = {
      "-",       " ",     "=",     "{",      "}",        ";",          "\n",         "/",
      "*",       "//",    "/*",    "*/",     "12",       "0x3f",       "0f3F800000", "1e+7",
      "%r1",     ".loc",  ".file", ".entry", ".target",  ".b8",        ".b16",       ".u32",
      "add.s32", "a",     "_9",    "77777U", "99999999", "4294967296", ",",          "[%rd1+16]",
      "(",       "\"q\"", "$L",    "\x80"};
  std::uint32_t state = 1;
  for (int round = 0; round < 4000; ++round) {
    std::string body;
    for (int i = 0; i < 60; ++i) {
      state = state * 1664525 + 1013904223;
      body += kParts[(state >> 16) % kParts.size()];
      if ((state >> 10 & 3) == 0) body += ' ';
    }
    const GpuObject blocks = ptx(body);
    // A backslash at the end says nothing, but such texts are read token by token.
    const GpuObject tokens = ptx(body + "\n\\");
    CAPTURE(body);
    REQUIRE(blocks.words == tokens.words);
    REQUIRE(blocks.kernels == tokens.kernels);
    REQUIRE(blocks.target == tokens.target);
  }
}

TEST_CASE("PTX: a text without both directives is none") {
  CHECK_FALSE(read_ptx("").has_value());
  CHECK_FALSE(read_ptx(".version 8.0\n").has_value());
  CHECK_FALSE(read_ptx("the .version and the .target of a release").has_value());
  CHECK_FALSE(read_ptx(".version .target sm_70").has_value());
  CHECK(read_ptx("// made by a tool\n.version x .version 1.4 .target compute_10").has_value());
}

TEST_CASE("source: kernels of OpenCL C by their names, with attributes and across lines") {
  const GpuObject object = source(
      "__kernel void a(__global uint* x) { get_global_id(0); }\n"
      "__attribute__((reqd_work_group_size(64, 1, 1))) __kernel void\nb(__global uint* x) {}\n"
      "__kernel __attribute__((reqd_work_group_size(WORK, 1, 1)))\nvoid c(__global uint* x) {}\n"
      "kernel void d ( global uint* x) {}\n"
      "__kernel;\nvoid helper(int x) {}\n");
  CHECK(object.target == "OpenCL C");
  CHECK(joined(object.kernels) == "a b c d");
}

TEST_CASE("source: numbers count, comments do not, also in the strings of another program") {
  const GpuObject plain = source(opencl(
      "// 111 222\n /* 333 */ i ^= 0x428a2f98U; i += 1116352409u; ulong k = 0x8000000080008081UL;\n"
      "uint2 pair = (uint2)(0x0000808aU, 0x80000000U); float f = 1.5f; i -= -77;\n"));
  for (const std::uint32_t word :
       {0x428a2f98U, 0x428a2f99U, 0x80008081U, 0x80000000U, 0x808aU, 0xffffffb3U}) {
    CAPTURE(word);
    CHECK(has_word(plain.words, word));
  }
  for (const std::uint32_t word : {111U, 222U, 333U, 15U, 5U}) {
    CAPTURE(word);
    CHECK_FALSE(has_word(plain.words, word));
  }
  const GpuObject quoted = source(
      "const char* text = \"__kernel void search(__global uint* o) { // 111\\n"
      "get_global_id(0) ^ 0x428a2f98;\\n}\";");
  CHECK(joined(quoted.kernels) == "search");
  CHECK(has_word(quoted.words, 0x428a2f98));
  CHECK_FALSE(has_word(quoted.words, 111));
}

TEST_CASE("source: CUDA, Metal, WGSL, GLSL, SYCL and HLSL") {
  const GpuObject cuda = source(
      "extern \"C\" __global__ void __launch_bounds__(256, 1) search(int* x) { threadIdx.x; }\n"
      "compute x = helper(1);\n__global__ void second(int* x);\ntemplate <int N> static __global__ "
      "void third(int* x) {}");
  CHECK(cuda.target == "CUDA");
  CHECK(joined(cuda.kernels) == "search second third");
  const GpuObject metal = source(
      "#include <metal_stdlib>\nkernel void add(device float* a [[buffer(0)]],\n"
      "uint i [[thread_position_in_grid]]) { a[i] = 9; }");
  CHECK(metal.target == "Metal");
  CHECK(joined(metal.kernels) == "add");
  const GpuObject wgsl = source(
      "@compute @workgroup_size(64, 1)\nfn search(@builtin(global_invocation_id) id: vec3<u32>) "
      "{ let k = 0x428a2f98u; }");
  CHECK(wgsl.target == "WGSL");
  CHECK(joined(wgsl.kernels) == "search");
  CHECK(has_word(wgsl.words, 0x428a2f98));
  const GpuObject glsl = source(
      "layout(local_size_x = 64) in; void main() { uint i = gl_GlobalInvocationID.x ^ "
      "0x428a2f98u; }");
  CHECK(glsl.target == "GLSL");
  CHECK(has_word(glsl.words, 0x428a2f98));
  const GpuObject colours =
      source("void main() { uint n = uint(gl_FragCoord.x) ^ 0x428a2f98u; colour = uvec4(n); }");
  CHECK(colours.target == "GLSL");
  CHECK(has_word(colours.words, 0x428a2f98));
  const GpuObject sycl = source(
      "q.parallel_for(sycl::range<1>(n), [=](sycl::id<1> i) { a[i] = i[0] ^ 0x428a2f98; });");
  CHECK(sycl.target == "SYCL");
  CHECK(has_word(sycl.words, 0x428a2f98));
  const GpuObject hlsl = source(
      "[numthreads(64, 1, 1)]\nvoid Search(uint3 id : SV_DispatchThreadID) { id.x ^ 0x428a2f98; }");
  CHECK(hlsl.target == "HLSL");
  CHECK(joined(hlsl.kernels) == "Search");
}

TEST_CASE("source: other texts are none") {
  CHECK_FALSE(read_source("").has_value());
  CHECK_FALSE(read_source("The kernel has a global lock and calls schedule().").has_value());
  CHECK_FALSE(read_source("int main(void) { return 0x428a2f98; }").has_value());
}

TEST_CASE("source: the checked-in kernels have the constants that they compute with") {
  CHECK(count_words(source(gpu_file("file_sha256.cl")).words, kSha256) == 64);
  CHECK(count_words(source(gpu_file("keccak_search.cl")).words, kKeccak) == kKeccak.size());
  CHECK(has_word(source(gpu_file("dag_search.cl")).words, kFnvPrime));
  CHECK(joined(source(gpu_file("sha256d_search.cl")).kernels) == "search");
}

TEST_CASE("texts: every kernel in a program's strings is found, wherever it lies") {
  const std::string kernel = opencl("i ^= 0x428a2f98;" + std::string(120, ' '));
  const std::string module = std::string(kHeader) + ".entry other() { xor.b32 %r1, %r1, 77777; " +
                             std::string(120, ' ') + "}";
  for (std::size_t before = 0; before < 450; before += 7) {
    const std::string bytes = std::string(before, '\1') + kernel + std::string(1, '\0') + module +
                              std::string(300, '\0') + opencl("") + std::string(1, '\0');
    CAPTURE(before);
    std::vector<std::size_t> places;
    std::vector<std::string> targets;
    read_texts(as_bytes(bytes), [&](std::size_t at, GpuObject&& object) {
      places.push_back(at);
      targets.push_back(object.target);
    });
    CHECK(places == std::vector<std::size_t>{before, before + kernel.size() + 1});
    CHECK(joined(targets) == "OpenCL C PTX sm_75");
  }
}
