#pragma once
// The sparse index of a Cargo registry.  Pure; fuzzed.  Tested by sparse_index_test.cpp.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace minescan::acquire {

// Letters, digits, '-' and '_', at most 64.
bool is_crate_name(std::string_view name);

// "ra/nd/rand": where an index keeps what it knows of a crate.
std::string crate_path(std::string_view name);

struct CrateVersion {
  std::string name, version;
  std::string checksum;  // SHA-256 in hex; "" when it is missing or malformed
  bool yanked = false;
};

// One JSON object a line; empty lines are passed over.  Code::corrupt with the line.
Result<std::vector<CrateVersion>> parse_crate_lines(std::string_view body);

// The `dl` of config.json.
Result<std::string> parse_index_config(std::string_view body);

// Puts a crate into the markers of `dl` ({crate}, {version}, {prefix}, {lowerprefix},
// {sha256-checksum}), or appends "/{crate}/{version}/download" when it has none.
std::string crate_url(const std::string& dl, const CrateVersion& crate);

}  // namespace minescan::acquire
