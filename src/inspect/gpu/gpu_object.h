#pragma once
// What one GPU code object, one PTX text or one kernel source says: which kernels it has and which
// constants they compute with.  Proof-of-work on a GPU is told by these.
//
// All readers here are pure, take any bytes, and take time linear in them.  They give nothing for
// bytes that do not begin like what they read, and otherwise what can be had, with what could not
// in `problems`.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/code/words.h"

namespace minescan::inspect::gpu {

inline constexpr std::size_t kMostKernels = 100'000;
inline constexpr std::size_t kLongestKernel = 4096;                     // bytes; longer are cut
inline constexpr std::size_t kMostKernelBytes = std::size_t{32} << 20;  // of all names
inline constexpr std::size_t kMostProblems = 32;

// Counts of one kernel's instructions.
struct KernelShape {
  std::string name;
  std::uint64_t instructions = 0;
  std::uint64_t logic = 0;  // and, or, xor, shifts, rotations
  std::uint64_t loads = 0;  // of global memory, as the next two
  std::uint64_t stores = 0;
  std::uint64_t atomics = 0;
};

// A search computes much, reads little of each item and writes at most what it found: a hash
// service reads its inputs and writes its digests.  Measured on searches and hashers for sm_75 to
// sm_120; no verdict by itself.
inline bool is_search_shaped(const KernelShape& shape) {
  constexpr std::uint64_t kLeast = 200;  // a loop of Keccak has 264 instructions
  return shape.instructions >= kLeast && shape.logic * 2 >= shape.instructions &&
         shape.stores + shape.atomics >= 1 && shape.stores <= 2 && shape.atomics <= 1;
}

struct GpuObject {
  std::string target;  // "sm_90", "gfx906", "PTX sm_75", "OpenCL C", "SPIR-V 1.3"; untrusted
  std::vector<std::string> kernels;  // sorted, no name twice; untrusted
  std::vector<std::uint32_t> words;  // distinct, in order of first appearance
  std::vector<KernelShape> shapes;   // where instructions are understood
  std::vector<std::string> problems;
};

// --- for the readers

inline void add_problem(GpuObject& object, std::string sentence) {
  if (object.problems.size() < kMostProblems) object.problems.push_back(std::move(sentence));
}

// Names come from several tables and may be as many and as long as the input wants.
class Kernels {
 public:
  void add(std::string_view name);
  // Whether some were left out.
  [[nodiscard]] bool full() const { return full_; }
  // Each once, sorted.  Leaves this empty.
  std::vector<std::string> take();

 private:
  void tidy();

  std::vector<std::string> names_;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

// Sections may claim the same bytes again and again: of all together, twice the file is read.
class Allowance {
 public:
  explicit Allowance(ByteView file) : left_(2 * file.size()) {}
  // As much of a section as is left; a problem of `object` when that is not all.
  ByteView take(ByteView section, GpuObject& object);

 private:
  std::size_t left_;
  bool told_ = false;
};

// Fills in names and words, and says what was left out.
void finish(GpuObject& object, Kernels& kernels, code::Words& words);

}  // namespace minescan::inspect::gpu
