#include "acquire/git/trees.h"

#include <set>
#include <string_view>

#include "acquire/git/reader.h"
#include "acquire/quoted.h"

namespace minescan::acquire {
namespace {

constexpr unsigned kDeepest = 2000;  // folders in one another

bool is_tree(const git_tree_entry* entry) { return git_tree_entry_type(entry) == GIT_OBJECT_TREE; }

class Walker {
 public:
  explicit Walker(const TreeWalk& walk) : walk_(walk) {}

  Result<void> visit(const git_tree* tree, const std::string& folder, const VisitFile& visit_file) {
    MINESCAN_TRY(enter(tree, folder));
    const std::size_t count = git_tree_entrycount(tree);
    for (std::size_t i = 0; i < count; ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
      std::string path = folder + git_tree_entry_name(entry);
      if (!is_tree(entry)) {
        visit_file(std::move(path), entry);
        continue;
      }
      MINESCAN_TRY_ASSIGN(const Tree below, look_up(entry, path));
      MINESCAN_TRY(visit(below.get(), path + "/", visit_file));
    }
    --depth_;
    return {};
  }

  Result<void> check(const git_tree* tree, const git_tree* base, const std::string& folder,
                     bool strict) {
    MINESCAN_TRY(enter(tree, folder));
    std::set<std::string_view> names;
    const std::size_t count = git_tree_entrycount(tree);
    for (std::size_t i = 0; i < count; ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
      const std::string path = folder + git_tree_entry_name(entry);
      if (strict) MINESCAN_TRY(check_entry(entry, path, names));
      if (!is_tree(entry)) continue;
      const git_tree_entry* known =
          base == nullptr ? nullptr : git_tree_entry_byname(base, git_tree_entry_name(entry));
      if (known != nullptr && !is_tree(known)) known = nullptr;
      if (known != nullptr &&
          git_oid_equal(git_tree_entry_id(known), git_tree_entry_id(entry)) == 1) {
        continue;
      }
      MINESCAN_TRY_ASSIGN(const Tree below, look_up(entry, path));
      Tree before;
      if (known != nullptr) {
        if (auto found = look_up(known, path)) before = std::move(*found);
      }
      MINESCAN_TRY(check(below.get(), before.get(), path + "/", strict));
    }
    --depth_;
    return {};
  }

 private:
  Result<void> enter(const git_tree* tree, const std::string& folder) {
    walk_.beat();
    if (++depth_ > kDeepest) {
      return fail(Code::limit_depth,
                  "the folder " + in_quotes(folder.substr(0, 200)) + "… lies too deep");
    }
    entries_ += git_tree_entrycount(tree) + 1;
    // A folder counts like a file, and empty ones are many.
    if (entries_ > 2 * kMostPaths) return too_many_paths();
    return {};
  }

  [[nodiscard]] Result<Tree> look_up(const git_tree_entry* entry, const std::string& path) const {
    git_tree* raw = nullptr;
    if (git_tree_lookup(&raw, walk_.repo, git_tree_entry_id(entry)) != 0) {
      return fail(Code::io, "cannot read the folder " + in_quotes(path) + ": " + git_message() +
                                "; 'git fsck' tells what is wrong with this repository");
    }
    return Tree(raw);
  }

  static Result<void> check_entry(const git_tree_entry* entry, const std::string& path,
                                  std::set<std::string_view>& names) {
    if (!names.insert(git_tree_entry_name(entry)).second) {
      return fail(Code::integrity,
                  "git has the path " + in_quotes(path) +
                      " twice, of which only one is checked out; look at it with 'git fsck'");
    }
    constexpr unsigned kType = 0170000;
    const auto type = static_cast<unsigned>(git_tree_entry_filemode_raw(entry)) & kType;
    if (type != GIT_FILEMODE_TREE && type != GIT_FILEMODE_LINK && type != GIT_FILEMODE_COMMIT &&
        type != (static_cast<unsigned>(GIT_FILEMODE_BLOB) & kType)) {
      return fail(Code::integrity,
                  "git has the path " + in_quotes(path) +
                      " with a mode that is none of git's; look at it with 'git fsck'");
    }
    return {};
  }

  const TreeWalk& walk_;
  std::size_t entries_ = 0;
  unsigned depth_ = 0;
};

}  // namespace

Result<void> each_file(const TreeWalk& walk, const git_tree* tree, const VisitFile& visit) {
  return tree == nullptr ? Result<void>() : Walker(walk).visit(tree, "", visit);
}

Result<void> check_tree(const TreeWalk& walk, const git_tree* tree, const git_tree* base) {
  return tree == nullptr ? Result<void>() : Walker(walk).check(tree, base, "", true);
}

Result<void> check_size(const TreeWalk& walk, const git_tree* tree, const git_tree* base) {
  return tree == nullptr ? Result<void>() : Walker(walk).check(tree, base, "", false);
}

}  // namespace minescan::acquire
