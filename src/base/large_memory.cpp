#include "base/large_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

namespace minescan {
namespace {

constexpr std::size_t kLarge = std::size_t{2} << 20;
constexpr std::uintptr_t kSmall = 4096;

}  // namespace

void* allocate_large(std::size_t size) noexcept {
  if (size < kLarge / 2) return std::malloc(size);
  const std::size_t rounded = (size + kLarge - 1) / kLarge * kLarge;
  if (rounded < size) return nullptr;
  void* const memory = std::aligned_alloc(kLarge, rounded);
  if (memory != nullptr) expect_large(memory, rounded);
  return memory;
}

void expect_large(void* begin, std::size_t size) noexcept {
  const auto from = (reinterpret_cast<std::uintptr_t>(begin) + kSmall - 1) & ~(kSmall - 1);
  const auto to = reinterpret_cast<std::uintptr_t>(begin) + size;
  if (from < to) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
}

}  // namespace minescan
