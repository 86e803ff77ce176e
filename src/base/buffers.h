#pragma once
// Buffers that were used, kept for their capacity: fresh pages cost more than what is done with
// them, and the next file needs one too.

#include <string>
#include <utility>
#include <vector>

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

}  // namespace minescan
