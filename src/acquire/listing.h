#pragma once
// The files of a tree, found without following a link and without needing a path that the system
// can take as a whole: directories are opened one below the other, so depth does not matter.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/handle.h"
#include "base/result.h"
#include "model/gap.h"

namespace minescan::acquire {

struct ListedDirectory {
  std::uint32_t parent = 0;  // the root is 0 and its own parent
  std::string name;
};

struct ListedFile {
  std::uint32_t directory = 0;
  std::string name;
  std::string target;      // of a symbolic link
  std::uint64_t size = 0;  // as stat says it; files like those in /proc say 0
  bool link = false;
};

struct Listing {
  std::vector<ListedDirectory> directories;  // a parent stands before its children
  std::vector<ListedFile> files;  // the same order for the same tree; files before subdirectories
  std::vector<Gap> gaps;          // what can be no file of the tree

  [[nodiscard]] std::string path(std::uint32_t directory, const std::string& name) const;
};

// Lists the tree below an open directory.  `tree` is what trails of gaps begin with.  Limits
// (number of files, length of paths) end in gaps.  Code::io when the root cannot be read.
Result<Listing> list_tree(const Fd& root, const std::string& tree);

// Opens directories of a listing.  Keeps the last few open, so that going through a listing in its
// order costs one openat per directory.  One thread at a time; root and listing must outlive it.
class DirectoryOpener {
 public:
  DirectoryOpener(const Fd& root, const std::vector<ListedDirectory>& directories)
      : root_(root), directories_(directories) {}

  // The descriptor stays open until the next call.
  Result<int> open(std::uint32_t directory);

 private:
  struct Held {
    std::uint32_t directory;
    Fd fd;
  };

  const Fd& root_;
  const std::vector<ListedDirectory>& directories_;
  std::deque<Held> held_;  // each below the one before
};

}  // namespace minescan::acquire
