#pragma once
// Packages that lie unpacked in a tree or image: npm's below node_modules, Python's beside their
// dist-info, crates below vendor.  The files themselves say so, so it is a hint for people and
// never a reason to judge anything differently.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace minescan::inspect {

// Whether a file of this path may describe a package, so that it is worth reading whole.
bool describes_package(std::string_view path);

struct Described {
  std::string package;  // package URL
  std::string folder;   // in which its files lie, without '/' at the end; "" = the root
};

// What the whole file says.  Of npm's packages the name must be that of the folder, unless the file
// is the description of an npm package's own archive ("package/package.json").
std::optional<Described> described_package(std::string_view path, ByteView file);

}  // namespace minescan::inspect
