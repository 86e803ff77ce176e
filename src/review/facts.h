#pragma once
// What a file says about what will run, and about where code comes from: the hooks of a package,
// the base image of a Dockerfile, the registry of an .npmrc.  Read from its text alone; a file that
// cannot be read says nothing here, and is scanned like any other.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::review {

struct Fact {
  std::string key;         // "install hook postinstall", "base image", "registry setting registry"
  std::string value;       // one line
  std::uint32_t line = 0;  // 1-based
};

// What kind of file a path names, when changing it changes what runs: "CI workflow", "build
// script", "start-up file", "git hook" …  "" for all others.
std::string_view role_of(std::string_view path);

// Whether facts_of() reads files of this path, so that their text must be kept.
bool has_facts(std::string_view path);

// In the order of the text.  At most kMostFacts.
inline constexpr std::size_t kMostFacts = 10'000;
std::vector<Fact> facts_of(std::string_view path, std::string_view text);

}  // namespace minescan::review
