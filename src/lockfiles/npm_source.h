#pragma once
// What npm, yarn and others write of where a package comes from.

#include <string_view>

#include "lockfiles/entries.h"

namespace minescan::lockfiles {

// Sets the entry's source, location, commit and file of `resolved`: a URL of a registry or of an
// archive, a repository, a path with or without "file:", or nothing, which means the configured
// registry.  `sri` are its digests.  The entry's name and version must be set.
void set_npm_source(Entries& entries, Dependency& entry, std::string_view resolved,
                    std::string_view sri);

}  // namespace minescan::lockfiles
