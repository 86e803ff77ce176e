#pragma once
// Output compared byte for byte with tests/golden/NAME.  MINESCAN_UPDATE_GOLDEN=1 in the
// environment rewrites the files instead; read the difference before it is committed.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace minescan::test {

inline std::string golden_path(const std::string& name) {
  return std::string(MINESCAN_SOURCE_DIR) + "/tests/golden/" + name;
}

// What the file holds; `actual` when the file is to be rewritten.
inline std::string golden(const std::string& name, const std::string& actual) {
  if (std::getenv("MINESCAN_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden_path(name), std::ios::binary) << actual;
    return actual;
  }
  std::ifstream file(golden_path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace minescan::test
