#pragma once
// What Python's lockfiles share.

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/entries.h"

namespace minescan::lockfiles {

// Of files that are built from or installed.
inline constexpr std::array<std::string_view, 8> kArchiveEndings = {
    ".whl", ".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tar", ".tar.lzma"};

// Name and version in the name of a wheel or of a source archive; empty when it is neither.
std::pair<std::string, std::string> release_of(std::string_view file_name);

// Makes the entry one of a folder or archive of the tree.  false when it is the tree itself, or
// when no name can be told, which is a problem.
bool read_path(std::string_view path, Entries& entries, Dependency& entry);

// A file of a package: a table with "url", "path", "file", "filename" or "name", with "hash"
// ("sha256:…") or "hashes" ({sha256 = "…"}), and "size".
PackageFile read_file(const Node& node, Entries& entries, const Dependency& entry);

}  // namespace minescan::lockfiles
