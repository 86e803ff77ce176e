#pragma once
// Notes for people, gathered by several threads: each once, sorted, because which of several
// transfers speaks first is chance.  Of more than `kNotesLimit` the rest is counted.

#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace minescan::acquire {

inline constexpr std::size_t kNotesLimit = 16;

class Notes {
 public:
  void add(std::string note);
  [[nodiscard]] std::vector<std::string> all() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> notes_;
};

}  // namespace minescan::acquire
