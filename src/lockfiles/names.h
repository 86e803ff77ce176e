#pragma once
// What may be the name or the version of a package.  Both end up in URLs, in names of files and in
// reports, so what could change their meaning there is refused.

#include <string_view>

#include "model/dependency.h"

namespace minescan::lockfiles {

// By the rules of the ecosystem's registry, read generously.
bool is_package_name(Ecosystem ecosystem, std::string_view name);

// At most 256 characters of printable ASCII; no blanks, quotes, slashes, "..", nor what divides
// URLs.
bool is_version(std::string_view version);

// The name of one file: no folder, no control characters, at most 255 bytes.
bool is_file_name(std::string_view name);

}  // namespace minescan::lockfiles
