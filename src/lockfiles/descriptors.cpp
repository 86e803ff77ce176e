#include "lockfiles/descriptors.h"

#include <set>
#include <utility>

#include "lockfiles/text.h"

namespace minescan::lockfiles {

Descriptor descriptor(std::string_view text) {
  const auto [installed, range] = split_at_version(trimmed(text));
  Descriptor result{std::string(installed), std::string(installed), std::string(range)};
  if (range.starts_with("npm:")) {
    const auto [name, real_range] = split_at_version(range.substr(4));
    if (!real_range.empty()) {
      result.name = name;
      result.range = real_range;
    }
  }
  return result;
}

std::vector<Descriptor> distinct(std::vector<Descriptor> all) {
  std::set<std::pair<std::string, std::string>> seen;
  std::erase_if(
      all, [&](const Descriptor& one) { return !seen.emplace(one.installed, one.name).second; });
  return all;
}

}  // namespace minescan::lockfiles
