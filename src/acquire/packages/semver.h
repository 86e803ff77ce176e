#pragma once
// The order of versions as npm and Cargo have it (Semantic Versioning 2.0).  Tested by
// semver_test.cpp.

#include <string>
#include <string_view>
#include <vector>

namespace minescan::acquire {

// Below 0, 0, above 0.  Build metadata does not count.  What is no semantic version comes before
// all that are, in the order of its bytes.
int compare_semver(std::string_view a, std::string_view b);

// "1.2.3-alpha.1", not "1.2.3+build-1".
bool is_prerelease(std::string_view version);

bool is_semver(std::string_view version);

// Whole numbers in decimal digits, of any length.
int compare_digits(std::string_view a, std::string_view b);

// Up to `count` of the sorted `versions` around the place where `wanted` would stand, for messages.
// `compare` as compare_semver.
std::vector<std::string> versions_near(const std::vector<std::string>& versions,
                                       std::string_view wanted,
                                       int (*compare)(std::string_view, std::string_view),
                                       std::size_t count = 3);

// "1.2.3, 1.2.4 and 1.3.0".
std::string listed_versions(const std::vector<std::string>& versions);

}  // namespace minescan::acquire
