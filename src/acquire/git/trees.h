#pragma once
// Trees of git with what lies below them.  A few small trees can name one another so often that
// nobody could list it all: what is counted is what is looked at, folders too.

#include <functional>
#include <string>

#include "acquire/git/handles.h"
#include "base/result.h"

namespace minescan::acquire {

struct TreeWalk {
  git_repository* repo = nullptr;
  std::function<void()> beat;  // called for each tree
};

// Calls visit(path, entry) for what the tree (nullptr: nothing) and those below it hold but trees.
// Errors: Code::io for a tree that cannot be read, limit_entries above kMostPaths, limit_depth.
using VisitFile = std::function<void(std::string path, const git_tree_entry* entry)>;
Result<void> each_file(const TreeWalk& walk, const git_tree* tree, const VisitFile& visit);

// Of a tree that git did not write, others see something else than git does: of a name that comes
// twice only one file is left on disk, and a mode that is none is a submodule's.  Looks at `tree`
// where it differs from `base` (nullptr: everywhere).  Errors: Code::integrity for such a tree, and
// as each_file().
Result<void> check_tree(const TreeWalk& walk, const git_tree* tree, const git_tree* base);
// That the same can be walked through at all.  Errors: as each_file().
Result<void> check_size(const TreeWalk& walk, const git_tree* tree, const git_tree* base);

}  // namespace minescan::acquire
