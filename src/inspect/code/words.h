#pragma once
// The distinct constants of one piece of code, as 32-bit words in the order of first appearance:
// what a view of kind `code` or `gpu_code` is made of.

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace minescan::inspect::code {

// More than the largest code objects of machine learning libraries have; 16 MiB.
inline constexpr std::size_t kMostWords = 4'000'000;

class Words {
 public:
  void add(std::uint32_t word);
  // The lower half, then the upper one.
  void add64(std::uint64_t number) {
    add(static_cast<std::uint32_t>(number));
    add(static_cast<std::uint32_t>(number >> 32));
  }
  // A number of source or assembly text: one word when 32 bits hold it, signed or not.
  void add_number(std::uint64_t magnitude, bool negative);
  // Every whole word of a table, little-endian.
  void add_table(ByteView bytes);

  // Whether words beyond kMostWords were left out.
  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  // Leaves this empty.
  std::vector<std::uint32_t> take();

 private:
  void grow();
  // Where it is or would be put; not for 0.
  [[nodiscard]] std::size_t find(std::uint32_t word) const;

  std::vector<std::uint32_t> words_;
  std::vector<std::uint32_t> slots_;  // open addressing; 0 is a free slot
  bool zero_ = false;
  bool full_ = false;
};

// As the bytes of a view.
std::vector<std::byte> as_view(const std::vector<std::uint32_t>& words);

}  // namespace minescan::inspect::code
