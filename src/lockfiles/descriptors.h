#pragma once
// The descriptors of yarn: "name@range", and "alias@npm:name@range".

#include <string>
#include <string_view>
#include <vector>

namespace minescan::lockfiles {

struct Descriptor {
  std::string installed;  // the name under which it is installed
  std::string name;       // the real one
  std::string range;
};

Descriptor descriptor(std::string_view text);

// Of those that install the same under the same name one is left.
std::vector<Descriptor> distinct(std::vector<Descriptor> all);

}  // namespace minescan::lockfiles
