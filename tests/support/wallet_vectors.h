#pragma once
// Reads testdata/wallets/*.txt: one address a line, what it is and whether it is one at all.

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace minescan::test {

struct WalletVector {
  bool valid = false;
  std::string kind, network, address;
};

// Empty when the file cannot be read; tests require that it is not.
inline std::vector<WalletVector> wallet_vectors(const std::string& coin) {
  std::vector<WalletVector> vectors;
  std::ifstream file(std::string(MINESCAN_SOURCE_DIR) + "/testdata/wallets/" + coin + ".txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    WalletVector vector;
    std::string verdict;
    std::istringstream(line) >> verdict >> vector.kind >> vector.network >> vector.address;
    vector.valid = verdict == "valid";
    vectors.push_back(vector);
  }
  return vectors;
}

}  // namespace minescan::test
