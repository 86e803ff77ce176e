#pragma once
// What GitLab's two reports share.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/report.h"

namespace minescan::report::gitlab {

// More nobody looks at there; the number of those left out is said.
inline constexpr std::size_t kMostFindings = 5000;

// "Critical", "High", "Medium", "Low": of the same numbers as SARIF's security-severity.
std::string_view severity(const Finding& finding);

// Findings that count, by level, then in the report's order.
std::vector<const Finding*> worst_first(const Report& report);

// Fingerprints that are the same in every run and different within one.
class Occurrences {
 public:
  // 32 hex digits, of the text and of how often it was asked for before.
  std::string fingerprint(const std::string& text);

 private:
  std::unordered_map<std::string, std::size_t> seen_;
};

}  // namespace minescan::report::gitlab
