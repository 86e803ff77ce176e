#include "acquire/git/checkout.h"

#include <algorithm>
#include <utility>

#include "acquire/git/objects.h"
#include "acquire/git/on_disk.h"
#include "acquire/git/places.h"
#include "acquire/git/reader.h"
#include "acquire/git/trees.h"
#include "acquire/quoted.h"

namespace minescan::acquire {
namespace {

// Submodules within submodules.
constexpr unsigned kDeepestModule = 16;
constexpr std::uint64_t kMostIgnores = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostSmall = 1024;

TreeFile file_of(const git_tree_entry* entry) {
  return {kind_of(static_cast<std::uint16_t>(git_tree_entry_filemode_raw(entry))),
          hex(*git_tree_entry_id(entry))};
}

// What git tracks of the working tree: what its index has, and what it had in the commit.
Result<TrackedFiles> tracked_files(const Checkout& checkout) {
  TrackedFiles tracked;
  const TreeWalk walk{.repo = checkout.repo, .beat = checkout.beat};
  MINESCAN_TRY(each_file(walk, checkout.base, [&](std::string path, const git_tree_entry* entry) {
    tracked[std::move(path)].base = file_of(entry);
  }));
  const std::size_t count = git_index_entrycount(checkout.index);
  for (std::size_t i = 0; i < count; ++i) {
    const git_index_entry* entry = git_index_get_byindex(checkout.index, i);
    Tracked& known = tracked[entry->path];
    known.index = {kind_of(static_cast<std::uint16_t>(entry->mode)), hex(entry->id)};
    known.may_lack = (entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE) != 0;
  }
  if (tracked.size() > kMostPaths) return too_many_paths();
  return tracked;
}

// What cannot be read ignores nothing.
Result<IgnoreRules> ignore_rules(const Checkout& checkout) {
  IgnoreRules rules;
  if (!checkout.owner_ignores.empty()) {
    if (const auto text = read_text(checkout.owner_ignores, kMostIgnores)) rules.add("", *text);
  }
  std::vector<std::pair<std::string, std::string>> lists;  // by folder; the ids of the blobs
  constexpr std::string_view kName = ".gitignore";
  const TreeWalk walk{.repo = checkout.repo, .beat = checkout.beat};
  MINESCAN_TRY(
      each_file(walk, checkout.trusted, [&](std::string path, const git_tree_entry* entry) {
        if (kName != git_tree_entry_name(entry)) return;
        const TreeFile file = file_of(entry);
        if (file.kind != TreeFile::Kind::file && file.kind != TreeFile::Kind::executable) return;
        path.resize(path.size() - std::min(path.size(), kName.size() + 1));
        lists.emplace_back(std::move(path), file.id);
      }));
  // A folder is shorter than what lies in it.
  std::stable_sort(lists.begin(), lists.end(),
                   [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
  for (const auto& [folder, id] : lists) {
    if (const auto text = read_blob(checkout.repo, id, folder, kMostIgnores)) {
      rules.add(folder, *text);
    }
  }
  return rules;
}

Result<std::vector<FileChange>> compare(const Checkout& checkout, unsigned depth);

OnDisk::Submodule submodule_at(const Checkout& around, const std::string& path,
                               const std::string& wanted, unsigned depth) {
  OnDisk::Submodule found;
  Checkout inner{
      .root = around.root + "/" + path, .owner_ignores = around.owner_ignores, .beat = around.beat};
  git_repository* raw = nullptr;
  const bool opened = git_repository_open_ext(&raw, inner.root.c_str(),
                                              GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) == 0;
  const Repo repo(raw);
  inner.repo = raw;
  git_oid id;
  if (!opened ||
      !read_objects_here(
          raw, object_directories(std::string(git_repository_commondir(raw)) + "objects")) ||
      git_reference_name_to_id(&id, raw, "HEAD") != 0)
    return found;
  found.commit = hex(id);
  git_commit* raw_commit = nullptr;
  if (found.commit != wanted || depth >= kDeepestModule ||
      git_commit_lookup(&raw_commit, raw, &id) != 0) {
    return found;
  }
  const Commit commit(raw_commit);
  git_tree* raw_tree = nullptr;
  if (git_commit_tree(&raw_tree, raw_commit) != 0) return found;
  const Tree tree(raw_tree);
  git_index* raw_index = nullptr;
  if (git_repository_index(&raw_index, raw) != 0) return found;
  const Index index(raw_index);
  inner.base = inner.trusted = raw_tree;
  inner.index = raw_index;
  const auto changes = compare(inner, depth + 1);
  found.clean = changes && changes->empty();
  return found;
}

Result<std::vector<FileChange>> compare(const Checkout& checkout, unsigned depth) {
  MINESCAN_TRY_ASSIGN(TrackedFiles tracked, tracked_files(checkout));
  MINESCAN_TRY_ASSIGN(const IgnoreRules rules, ignore_rules(checkout));
  const OnDisk side{
      .root = checkout.root,
      .ignored = rules,
      .size = [&](const std::string& id) { return blob_size(checkout.repo, id); },
      .small_blob =
          [&](const std::string& id) {
            return read_blob(checkout.repo, id, "", kMostSmall).value_or(std::string());
          },
      .submodule =
          [&](const std::string& path, const std::string& commit) {
            return submodule_at(checkout, path, commit, depth);
          },
      .beat = checkout.beat};
  return compare_on_disk(side, std::move(tracked));
}

}  // namespace

Result<std::vector<FileChange>> compare_checkout(const Checkout& checkout) {
  return compare(checkout, 0);
}

}  // namespace minescan::acquire
