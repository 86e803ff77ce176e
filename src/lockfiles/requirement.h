#pragma once
// A requirement of Python: "name[extra]==1.0; marker", "name @ URL", a URL, a repository or a path.

#include <optional>
#include <string>
#include <string_view>

#include "lockfiles/entries.h"

namespace minescan::lockfiles {

// Fills name, version, source, location and commit of `entry`, whose line and file are set, and
// what a URL's fragment promises.  false when it is a problem of `entries` instead, or the tree
// itself, which is no entry.
bool read_requirement(std::string_view text, Entries& entries, Dependency& entry);

// What stands behind "==" when that is all that is demanded; "" when several versions will do.
// nullopt when these are no version specifiers.
std::optional<std::string> pinned_version(std::string_view specifiers);

}  // namespace minescan::lockfiles
