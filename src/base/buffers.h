#pragma once
// Buffers that were used, kept for their capacity: fresh pages cost more than what is done with
// them, and the next file needs one too.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/large_memory.h"

namespace minescan {

class Buffers {
 public:
  // This thread's.
  static Buffers& of_thread() {
    static thread_local Buffers buffers;
    return buffers;
  }
  std::string take() {
    if (spare_.empty()) return {};
    std::string buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
  }
  void give(std::string buffer) {
    buffer.clear();
    if (spare_.size() < kSpare) spare_.push_back(std::move(buffer));
  }

 private:
  // A program and a text, each perhaps in another one; more is seldom.
  static constexpr std::size_t kSpare = 4;
  std::vector<std::string> spare_;
};

// Appends to a buffer that may grow to `most` bytes: once it shows that it gets long it gets room
// for all of them, as growing costs more than pages that are not written to.
inline void append_to(std::string& buffer, std::string_view bytes, std::size_t most) {
  constexpr std::size_t kLong = std::size_t{256} << 10;
  if (buffer.size() + bytes.size() > kLong && buffer.capacity() < most) {
    buffer.reserve(most);
    expect_large(buffer.data(), buffer.capacity());
  }
  buffer += bytes;
}

}  // namespace minescan
