#pragma once
// Packages that lie unpacked in a tree or image: npm's below node_modules, Python's that the RECORD
// in their dist-info lists, crates below vendor.  The files themselves say so, so it is a hint for
// people and never a reason to judge anything differently.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace minescan::inspect {

// Whether a file of this path may describe a package, so that it is worth reading whole.
bool describes_package(std::string_view path);

struct Described {
  std::string package;  // package URL
  std::string folder;   // in which its files lie, without '/' at the end, or its only file
};

// What the whole file says: a line for each folder of the package, at most kMostFolders.  Of npm's
// packages the name must be that of the folder, unless the file is the description of an npm
// package's own archive ("package/package.json").
inline constexpr std::size_t kMostFolders = 100;
std::vector<Described> described_package(std::string_view path, ByteView file);

}  // namespace minescan::inspect
