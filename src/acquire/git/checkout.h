#pragma once
// The working tree of a repository, and those of its submodules, compared with a commit
// (on_disk.h).

#include <functional>
#include <string>
#include <vector>

#include "acquire/git/handles.h"

namespace minescan::acquire {

struct Checkout {
  git_repository* repo = nullptr;
  std::string root;
  git_tree* base = nullptr;     // nullptr before the first commit
  git_tree* trusted = nullptr;  // whose lists of ignored files count; nullptr = none
  git_index* index = nullptr;   // says what is tracked
  std::string owner_ignores;    // the list of the user, whatever is compared
  std::function<void()> beat;
};

// Errors: as compare_on_disk(), and what cannot be read of the trees.
Result<std::vector<FileChange>> compare_checkout(const Checkout& checkout);

}  // namespace minescan::acquire
