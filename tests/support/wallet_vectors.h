#pragma once
// Reads testdata/wallets/: addresses, what they are and whether they are any at all.  *.txt hold
// one address a line, vectors.json those of all other coins by their form.

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"

namespace minescan::test {

struct WalletVector {
  bool valid = false;
  std::string kind, network, address;
  std::string coin, form;  // of vectors.json
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

// vectors.json; empty when it cannot be read.
inline std::vector<WalletVector> all_wallet_vectors() {
  std::vector<WalletVector> vectors;
  std::ostringstream text;
  text
      << std::ifstream(std::string(MINESCAN_SOURCE_DIR) + "/testdata/wallets/vectors.json").rdbuf();
  const auto forms = parse_json(as_bytes(text.str()));
  if (!forms) return vectors;
  for (const Json& form : *forms) {
    const std::string name = json_string(form, "form");
    for (const Json& valid : form.at("valid")) {
      vectors.push_back({.valid = true,
                         .kind = json_string(valid, "kind"),
                         .network = json_string(valid, "network"),
                         .address = json_string(valid, "address"),
                         .coin = json_string(valid, "coin"),
                         .form = name});
    }
    for (const Json& invalid : form.at("invalid")) {
      vectors.push_back({.valid = false,
                         .kind = {},
                         .network = {},
                         .address = invalid.get<std::string>(),
                         .coin = {},
                         .form = name});
    }
  }
  return vectors;
}

}  // namespace minescan::test
