#pragma once
// What every fuzz target does when a promise is broken.

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace minescan::fuzz {

inline void expect(bool promise, std::string_view what) {
  if (promise) return;
  std::cerr << "broken promise: " << what << "\n";
  std::abort();
}

}  // namespace minescan::fuzz
