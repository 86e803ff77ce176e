// All readers of GPU code and of code that hides its constants, over any bytes: no crash, no
// endless loop, and bounds hold.  The first byte picks the reader.

#include <set>
#include <string>

#include "fuzz/expect.h"
#include "inspect/code/aarch64_words.h"
#include "inspect/code/wasm_words.h"
#include "inspect/gpu/amdgpu.h"
#include "inspect/gpu/cubin.h"
#include "inspect/gpu/gpu.h"
#include "inspect/gpu/metallib.h"
#include "inspect/gpu/msgpack.h"
#include "inspect/gpu/ptx.h"
#include "inspect/gpu/source.h"
#include "inspect/gpu/spirv.h"
#include "inspect/gpu/zebin.h"

namespace {

using namespace minescan;
using namespace minescan::inspect;
using fuzz::expect;

void check_words(const std::vector<std::uint32_t>& words, std::size_t input) {
  // A byte yields at most two words: a 64-bit number has several digits or bytes.
  expect(words.size() <= 2 * input + 2, "more words than the input can hold");
  expect(std::set<std::uint32_t>(words.begin(), words.end()).size() == words.size(),
         "a word is there twice");
}

void check(const std::optional<gpu::GpuObject>& object, std::size_t input) {
  if (!object) return;
  check_words(object->words, input);
  expect(object->problems.size() <= gpu::kMostProblems, "too many problems");
  expect(std::set<std::string>(object->kernels.begin(), object->kernels.end()).size() ==
             object->kernels.size(),
         "a kernel is there twice");
  for (const gpu::KernelShape& shape : object->shapes) {
    expect(shape.logic + shape.loads + shape.stores + shape.atomics <= shape.instructions,
           "more instructions of some kinds than of all");
  }
}

void find_all(ByteView bytes) {
  std::size_t from = 0;
  while (const auto found = gpu::find_code_object(bytes, from)) {
    expect(*found >= from && *found < bytes.size(), "an object outside of the window");
    expect(gpu::is_code_object(bytes.subspan(*found)), "found what is no object");
    from = *found + 1;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // In memory of its own, so that a sanitizer sees a read behind it.
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ByteView bytes = as_bytes(text);
  code::Words words;
  switch (data[0] % 12) {
    case 0:
      check(gpu::read_cubin(bytes), size);
      break;
    case 1:
      check(gpu::read_amdgpu(bytes), size);
      break;
    case 2:
      check(gpu::read_zebin(bytes), size);
      break;
    case 3:
      check(gpu::read_spirv(bytes), size);
      break;
    case 4:
      check(gpu::read_metallib(bytes), size);
      break;
    case 5:
      check(gpu::read_ptx(text), size);
      break;
    case 6:
      check(gpu::read_source(text), size);
      break;
    case 7:
      gpu::read_texts(bytes, [&](std::size_t at, gpu::GpuObject&& object) {
        expect(at < size, "a text outside of the input");
        check(std::move(object), size);
      });
      break;
    case 8:
      expect(gpu::msgpack_texts(bytes).size() <= size, "more texts than bytes");
      break;
    case 9:
      if (const auto found = code::read_wasm_words(bytes)) check_words(found->words, 4 * size);
      break;
    case 10:
      code::Aarch64Words().read(bytes, words);
      check_words(words.take(), size);
      break;
    default:
      check(gpu::read_gpu_object(bytes), size);
      find_all(bytes);
      break;
  }
  return 0;
}
