#pragma once
// How the files of a working tree differ from those of a commit.  Their bytes are read and compared
// with what the commit promises of them: what an index says of times, sizes and flags, and what the
// attributes and filters of the tree make of a file, count for nothing.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "acquire/git/ignored.h"
#include "acquire/repository.h"
#include "base/result.h"

namespace minescan::acquire {

// What git knows of one path.
struct Tracked {
  TreeFile base;          // of the commit; none when it has no such file
  TreeFile index;         // none when the index has no such file
  bool may_lack = false;  // the index says that it is not checked out
  bool on_disk = false;   // for compare_on_disk()
};
using TrackedFiles = std::map<std::string, Tracked>;

struct OnDisk {
  std::string root;  // of the working tree
  // Files that git does not track and that these ignore are passed over.
  const IgnoreRules& ignored;
  // The bytes that an object has; nullopt when that cannot be said.
  std::function<std::optional<std::uint64_t>(const std::string& id)> size;
  // A blob of a few bytes; "" when it cannot be read.
  std::function<std::string(const std::string& id)> small_blob;
  // The commit that the submodule in the folder is at, "" when that cannot be said, and whether its
  // files are those of `commit`.
  struct Submodule {
    std::string commit;
    bool clean = false;
  };
  std::function<Submodule(const std::string& path, const std::string& commit)> submodule;
  std::function<void()> beat;  // called now and then
};

// Changes by path.  A folder that cannot be read is a file that is added, since to open it will
// fail again.  A repository of its own in the tree is an added submodule.  A mode that differs in
// who may run the file is no change.  Errors: Code::io when the root cannot be listed,
// Code::limit_entries above kMostPaths files.
Result<std::vector<FileChange>> compare_on_disk(const OnDisk& side, TrackedFiles tracked);

}  // namespace minescan::acquire
