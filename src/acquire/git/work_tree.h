#pragma once
// Files of a working tree: opened, and not parsed.  No link is followed below its root.

#include <cstdint>
#include <string>

#include "acquire/repository.h"
#include "base/result.h"

namespace minescan::acquire {

// What is there now.
TreeFile file_on_disk(const std::string& root, const std::string& path);

// One whole file; of a link its target.
Result<std::string> read_on_disk(const std::string& root, const std::string& path, bool link,
                                 std::uint64_t limit);

// Whether `root` is where a repository of `path` can have its working tree: a folder with a .git
// that is `path` itself or lies around it.
bool is_work_tree_of(const std::string& root, const std::string& path);

}  // namespace minescan::acquire
