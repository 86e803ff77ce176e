#include "acquire/git/reader.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "acquire/git/checkout.h"
#include "acquire/git/handles.h"
#include "acquire/git/objects.h"
#include "acquire/git/places.h"
#include "acquire/git/trees.h"
#include "acquire/quoted.h"

namespace minescan::acquire {
namespace {

using Side = Comparison::Side;

constexpr const char* kFsck = "; 'git fsck' tells what is wrong with this repository";

// Whether the last call failed because the repository is another user's.  Where nobody has set
// safe.directory, libgit2 1.5 says that it did not find that.
bool is_foreign(int status) {
  return status == GIT_EOWNER ||
         (status == GIT_ENOTFOUND && git_message().find("'safe.directory'") != std::string::npos);
}

// safe.directory = * in the configuration of the user or the system, which libgit2 does not know.
bool trusts_all() {
  git_config* raw = nullptr;
  if (git_config_open_default(&raw) != 0) return false;
  const Config config(raw);
  git_config_iterator* values = nullptr;
  if (git_config_iterator_glob_new(&values, raw, "^safe\\.directory$") != 0) return false;
  const ConfigEntries owner(values);
  bool all = false;
  for (git_config_entry* entry = nullptr; git_config_next(&entry, values) == 0;) {
    const std::string_view value = entry->value == nullptr ? "" : entry->value;
    // As git has it, an empty one takes back those before.
    if (value.empty()) all = false;
    if (value == "*") all = true;
  }
  return all;
}

// There is none around the path, or one that lacks what every repository has.
tl::unexpected<Error> no_repository(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  for (fs::path folder = fs::canonical(path, failed); !failed && !folder.empty();
       folder = folder.parent_path()) {
    const fs::path git = folder / ".git";
    const bool head = fs::is_regular_file(git / "HEAD", failed);
    const bool objects = fs::is_directory(git / "objects", failed);
    const bool refs = fs::is_directory(git / "refs", failed);
    // Two of them are no accident.
    if (head + objects + refs == 2) {
      return fail(Code::io, "the repository " + in_quotes(git.string()) +
                                " is damaged: it has no " +
                                (!head      ? "HEAD; write 'ref: refs/heads/BRANCH' into it"
                                 : !objects ? "folder 'objects'; clone it anew"
                                            : "folder 'refs'; make an empty one"));
    }
    if (folder == folder.root_path()) break;
    failed.clear();
  }
  return fail(Code::usage,
              in_quotes(path) +
                  " is in no git repository; name one, as in 'minescan gate "
                  "DIRECTORY', or compare two lockfiles with --lockfile A --against B");
}

// What libgit2 says of a repository that it does not open, and what to do about it.
std::string then_for(const std::string& why) {
  constexpr std::string_view kExtension = "extensions.";
  const auto begin = why.find(kExtension);
  const std::string name = begin == std::string::npos ? "" : why.substr(begin + kExtension.size());
  const std::string diff =
      "; compare two trees where it is checked out, with 'minescan diff BEFORE AFTER'";
  if (name == "objectformat" || why.find("object format") != std::string::npos) {
    return "it says how its objects are named (extensions.objectFormat), and only SHA-1 is read" +
           diff;
  }
  if (name == "refstorage") {
    return "it keeps its references in a reftable, which is not read; 'git refs migrate "
           "--ref-format=files' writes them as files";
  }
  if (!name.empty())
    return "it uses git's extension " + in_quotes(name) + ", which is not read" + diff;
  if (why.find("repository version") != std::string::npos) return why + diff;
  return why;
}

Result<Repo> open_repository(const std::string& path) {
  start_libgit2();
  git_repository* raw = nullptr;
  int status = git_repository_open_ext(&raw, path.c_str(), 0, nullptr);
  const bool foreign = is_foreign(status);
  if (foreign && trusts_all()) {
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    status = git_repository_open_ext(&raw, path.c_str(), 0, nullptr);
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
  }
  Repo repo(raw);
  if (status == 0) return repo;
  if (foreign) {
    return fail(Code::refused, "the repository of " + in_quotes(path) +
                                   " belongs to another user; trust it with 'git config --global "
                                   "--add safe.directory PATH'");
  }
  const std::string why = git_message();
  if (status == GIT_ENOTFOUND) return no_repository(path);
  return fail(Code::io, "cannot open the repository of " + in_quotes(path) + ": " + then_for(why));
}

// Why a revision cannot be read.
tl::unexpected<Error> no_revision(git_repository* repo, const std::string& name, int status) {
  const std::string why = git_message();
  // A reference may be there and what it names not: objects are borrowed from elsewhere, or lost.
  for (const char* place : {"", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"}) {
    git_oid id;
    if (git_reference_name_to_id(&id, repo, (place + name).c_str()) != 0) continue;
    return fail(Code::io, "the commit " + hex(id).substr(0, 12) + " of " + in_quotes(name) +
                              " cannot be read: " + why + kFsck);
  }
  if (status != GIT_ENOTFOUND && status != GIT_EINVALIDSPEC && status != GIT_EAMBIGUOUS) {
    return fail(Code::io, "the revision " + in_quotes(name) + " cannot be read: " + why + kFsck);
  }
  std::string what = "there is no revision " + in_quotes(name) + " in this repository";
  if (git_repository_is_shallow(repo) == 1) {
    what += ", which is a shallow clone; fetch it with 'git fetch --no-tags origin BRANCH', or " +
            std::string("check out with full history (fetch-depth: 0)");
  } else {
    what += "; fetch it with 'git fetch origin', or name another one with --base";
  }
  return fail(Code::not_found, what);
}

Result<Commit> find_commit(git_repository* repo, const std::string& name) {
  git_object* raw = nullptr;
  const int status = git_revparse_single(&raw, repo, name.c_str());
  const Object object(raw);
  if (status != 0) return no_revision(repo, name, status);
  git_object* peeled = nullptr;
  if (git_object_peel(&peeled, object.get(), GIT_OBJECT_COMMIT) != 0) {
    return fail(Code::usage, in_quotes(name) + " is no commit, tag or branch");
  }
  return Commit(reinterpret_cast<git_commit*>(peeled));
}

std::string commit_name(const std::string& name, const git_commit* commit) {
  const std::string id = hex(*git_commit_id(commit));
  if (id.starts_with(name) && name.size() >= 7) return "commit " + id.substr(0, 12);
  return name + " (commit " + id.substr(0, 12) + ")";
}

bool has_tree(const git_commit* commit) {
  return blob_size(git_commit_owner(commit), hex(*git_commit_tree_id(commit))).has_value();
}

Result<Tree> tree_of(const git_commit* commit) {
  git_tree* raw = nullptr;
  const int status = git_commit_tree(&raw, commit);
  if (status == 0) return Tree(raw);
  const std::string files = "the files of commit " + hex(*git_commit_id(commit)).substr(0, 12);
  // One that is there and no tree is "not found" too.
  if (status == GIT_ENOTFOUND && !has_tree(commit)) {
    return fail(Code::not_found, files + " are not in this repository: " + git_message() +
                                     "; a partial clone lacks them, fetch without --filter");
  }
  return fail(Code::io, files + " cannot be read: " + git_message() + kFsck);
}

// What trees and indexes name is hostile; a name that no file can have is one sentence, and not a
// file that is left out.
Result<void> check_path(const std::string& path, std::size_t count) {
  if (count >= kMostPaths) return too_many_paths();
  if (is_path_in_tree(path)) return {};
  return fail(Code::corrupt, "git has a file " + in_quotes(path) +
                                 ", which no file can be called; look at it with 'git fsck'");
}

std::string owner_ignores();

class LibgitRepository final : public GitRepository {
 public:
  explicit LibgitRepository(Repo repo) : repo_(std::move(repo)) {
    if (const char* root = git_repository_workdir(repo_.get()); root != nullptr) {
      compared_.work_tree = root;
    }
    std::string& root = compared_.work_tree;
    while (root.size() > 1 && root.ends_with('/')) root.pop_back();
    owner_ignores_ = owner_ignores();
  }

  std::vector<Readable> places(const Question& question) override;
  Result<void> compare(const Question& question, const std::function<void()>& beat) override;

  const Compared& compared() const override { return compared_; }
  Result<std::vector<TreeFile>> find(Side side, const std::vector<std::string>& paths) override;
  Result<std::vector<std::string>> paths(Side side) override;
  Result<std::string> blob(const std::string& id, const std::string& path,
                           std::uint64_t limit) override;

 private:
  git_tree* tree_of_side(Side side) const;
  TreeFile in_tree(git_tree* tree, const std::string& path);
  TreeFile in_index(const std::string& path);
  Result<void> compare_objects(const std::function<void()>& beat);
  Result<void> collect(git_diff* diff);
  Result<void> open_index(const std::string& other);

  Repo repo_;
  Tree base_, trusted_;
  Revision::Kind head_ = Revision::Kind::working_tree;
  Tree head_tree_;  // of a commit
  Index index_;     // of the index and the working tree
  Compared compared_;
  std::string owner_ignores_;  // the list of the user
};

// "file has been removed" and the like are git_delta_t; only the two sides matter here.
TreeFile side_of(const git_diff_file& file, bool exists) {
  const auto kind = exists ? kind_of(file.mode) : TreeFile::Kind::none;
  return {kind, kind == TreeFile::Kind::none ? "" : hex(file.id)};
}

Result<void> LibgitRepository::collect(git_diff* diff) {
  const std::size_t count = git_diff_num_deltas(diff);
  for (std::size_t i = 0; i < count; ++i) {
    const git_diff_delta* delta = git_diff_get_delta(diff, i);
    FileChange change;
    const bool after = delta->status != GIT_DELTA_DELETED;
    change.path = after ? delta->new_file.path : delta->old_file.path;
    change.before = side_of(delta->old_file, delta->status != GIT_DELTA_ADDED);
    change.after = side_of(delta->new_file, after);
    if (change.before == change.after) continue;
    compared_.changes.push_back(std::move(change));
  }
  return {};
}

// `git commit -a` and the like give a hook another index than the repository's.
Result<void> LibgitRepository::open_index(const std::string& other) {
  git_index* raw = nullptr;
  const int status =
      other.empty() ? git_repository_index(&raw, repo_.get()) : git_index_open(&raw, other.c_str());
  index_ = Index(raw);
  if (status == 0) return {};
  const std::string why = git_message();
  const char* then =
      why.find("'link'") != std::string::npos
          ? "'git update-index --no-split-index' writes one that can be read"
      : why.find("'sdir'") != std::string::npos
          ? "'git sparse-checkout reapply --no-sparse-index' writes one that can be read"
          : "'git reset' writes it anew";
  return fail(Code::io, "cannot read the index: " + why + "; " + then);
}

Result<void> LibgitRepository::compare(const Question& question,
                                       const std::function<void()>& beat) {
  const std::string& base = question.base;
  const Revision& head = question.head;
  head_ = head.kind;
  const std::string objects = std::string(git_repository_commondir(repo_.get())) + "objects";
  MINESCAN_TRY(read_objects_here(repo_.get(), object_directories(objects)));
  // Before the first commit everything is new.
  const bool unborn = base == "HEAD" && git_repository_head_unborn(repo_.get()) == 1;
  Commit base_commit;
  compared_.base_name = "no commit";
  if (!unborn) {
    MINESCAN_TRY_ASSIGN(base_commit, find_commit(repo_.get(), base));
    MINESCAN_TRY_ASSIGN(trusted_, tree_of(base_commit.get()));
    compared_.base_name = commit_name(base, base_commit.get());
  }
  if (head.kind == Revision::Kind::working_tree && git_repository_is_bare(repo_.get()) == 1) {
    return fail(Code::usage, "the repository is bare and has no working tree; name a --head");
  }
  Commit head_commit;
  git_oid head_id;
  bool has_head = true;
  if (head.kind == Revision::Kind::commit) {
    MINESCAN_TRY_ASSIGN(head_commit, find_commit(repo_.get(), head.name));
    compared_.head_name = commit_name(head.name, head_commit.get());
    head_id = *git_commit_id(head_commit.get());
  } else {
    compared_.head_name = head.kind == Revision::Kind::index ? "index" : "working tree";
    has_head = git_reference_name_to_id(&head_id, repo_.get(), "HEAD") == 0;
  }
  // Without a common ancestor (unrelated, or cut off in a shallow clone) the base itself is one.
  git_oid ancestor;
  Commit from;
  if (has_head && !unborn &&
      git_merge_base(&ancestor, repo_.get(), git_commit_id(base_commit.get()), &head_id) == 0 &&
      git_oid_equal(&ancestor, git_commit_id(base_commit.get())) == 0) {
    git_commit* raw = nullptr;
    if (git_commit_lookup(&raw, repo_.get(), &ancestor) == 0) from = Commit(raw);
  }
  if (from) {
    MINESCAN_TRY_ASSIGN(base_, tree_of(from.get()));
    compared_.base_name += ", from their common ancestor " + hex(ancestor).substr(0, 12);
  } else if (!unborn) {
    MINESCAN_TRY_ASSIGN(base_, tree_of(base_commit.get()));
  }

  if (head.kind == Revision::Kind::commit) {
    MINESCAN_TRY_ASSIGN(head_tree_, tree_of(head_commit.get()));
    const TreeWalk walk{.repo = repo_.get(), .beat = beat};
    MINESCAN_TRY(check_tree(walk, head_tree_.get(), base_.get()));
    MINESCAN_TRY(check_size(walk, base_.get(), head_tree_.get()));
  } else {
    MINESCAN_TRY(open_index(question.index_file));
  }
  if (head.kind == Revision::Kind::working_tree) {
    MINESCAN_TRY_ASSIGN(compared_.changes, compare_checkout({.repo = repo_.get(),
                                                             .root = compared_.work_tree,
                                                             .base = base_.get(),
                                                             .trusted = trusted_.get(),
                                                             .index = index_.get(),
                                                             .owner_ignores = owner_ignores_,
                                                             .beat = beat}));
  } else {
    MINESCAN_TRY(compare_objects(beat));
  }
  for (std::size_t i = 0; i < compared_.changes.size(); ++i) {
    MINESCAN_TRY(check_path(compared_.changes[i].path, i));
  }
  std::sort(compared_.changes.begin(), compared_.changes.end(),
            [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
  return {};
}

// Of a commit or the index.
Result<void> LibgitRepository::compare_objects(const std::function<void()>& beat) {
  git_diff_options options;
  // Fails for another version of the structure only, which this is not.
  static_cast<void>(git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION));
  options.flags =
      GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_DISABLE_PATHSPEC_MATCH | GIT_DIFF_SKIP_BINARY_CHECK;
  // Whatever .gitmodules says.
  options.ignore_submodules = GIT_SUBMODULE_IGNORE_NONE;
  // No exception may pass through C.
  options.payload = const_cast<std::function<void()>*>(&beat);
  options.progress_cb = [](const git_diff*, const char*, const char*, void* payload) noexcept {
    (*static_cast<const std::function<void()>*>(payload))();
    return 0;
  };
  if (index_ && git_index_has_conflicts(index_.get()) == 1) {
    return fail(Code::usage, "the index has conflicts; resolve them, then run minescan again");
  }
  git_diff* raw = nullptr;
  const int status =
      index_ ? git_diff_tree_to_index(&raw, repo_.get(), base_.get(), index_.get(), &options)
             : git_diff_tree_to_tree(&raw, repo_.get(), base_.get(), head_tree_.get(), &options);
  const Diff diff(raw);
  if (status != 0) {
    return fail(Code::io, "cannot compare " + compared_.base_name + " with " + compared_.head_name +
                              ": " + git_message());
  }
  return collect(diff.get());
}

TreeFile LibgitRepository::in_tree(git_tree* tree, const std::string& path) {
  git_tree_entry* raw = nullptr;
  if (tree == nullptr || path.empty() || git_tree_entry_bypath(&raw, tree, path.c_str()) != 0) {
    return {};
  }
  const TreeEntry entry(raw);
  return {kind_of(static_cast<std::uint16_t>(git_tree_entry_filemode(raw))),
          hex(*git_tree_entry_id(raw))};
}

TreeFile LibgitRepository::in_index(const std::string& path) {
  const git_index_entry* entry = git_index_get_bypath(index_.get(), path.c_str(), 0);
  if (entry == nullptr) return {};
  return {kind_of(static_cast<std::uint16_t>(entry->mode)), hex(entry->id)};
}

git_tree* LibgitRepository::tree_of_side(Side side) const {
  return side == Side::base      ? base_.get()
         : side == Side::trusted ? trusted_.get()
                                 : head_tree_.get();
}

Result<std::vector<TreeFile>> LibgitRepository::find(Side side,
                                                     const std::vector<std::string>& paths) {
  std::vector<TreeFile> found;
  found.reserve(paths.size());
  const bool index = side == Side::head && head_ != Revision::Kind::commit;
  for (const std::string& path : paths) {
    found.push_back(index ? in_index(path) : in_tree(tree_of_side(side), path));
    if (found.back().kind == TreeFile::Kind::none) found.back().id.clear();
  }
  return found;
}

Result<std::vector<std::string>> LibgitRepository::paths(Side side) {
  std::vector<std::string> found;
  if (const git_tree* tree = tree_of_side(side); tree != nullptr) {
    const TreeWalk walk{.repo = repo_.get(), .beat = [] {}};
    MINESCAN_TRY(each_file(walk, tree, [&](std::string path, const git_tree_entry* entry) {
      if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB) found.push_back(std::move(path));
    }));
  } else if (side == Side::head && index_) {
    const std::size_t count = git_index_entrycount(index_.get());
    for (std::size_t i = 0; i < count; ++i) {
      found.emplace_back(git_index_get_byindex(index_.get(), i)->path);
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) MINESCAN_TRY(check_path(found[i], i));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<std::string> LibgitRepository::blob(const std::string& id, const std::string& path,
                                           std::uint64_t limit) {
  return read_blob(repo_.get(), id, path, limit);
}

// The user's list of files to leave alone: as the configuration says, or where git looks when it
// says nothing.
std::string owner_ignores() {
  git_config* raw = nullptr;
  if (git_config_open_default(&raw) != 0) return {};
  const Config config(raw);
  git_buf path = GIT_BUF_INIT;
  if (git_config_get_path(&path, raw, "core.excludesfile") == 0) {
    std::string found = path.ptr;
    git_buf_dispose(&path);
    return found;
  }
  const char* folder = std::getenv("XDG_CONFIG_HOME");
  if (folder != nullptr && *folder != '\0') return std::string(folder) + "/git/ignore";
  const char* home = std::getenv("HOME");
  return home != nullptr ? std::string(home) + "/.config/git/ignore" : std::string();
}

// Configurations that this one includes.  Nothing else that it names: it may be a foreign one.
void add_included(const std::string& file, std::vector<Readable>& places) {
  git_config* raw = nullptr;
  if (git_config_open_ondisk(&raw, file.c_str()) != 0) return;
  const Config config(raw);
  git_config_iterator* raw_entries = nullptr;
  if (git_config_iterator_glob_new(&raw_entries, raw, "^include(if\\..*)?\\.path$") != 0) return;
  const ConfigEntries entries(raw_entries);
  const char* home = std::getenv("HOME");
  git_config_entry* entry = nullptr;
  while (git_config_next(&entry, raw_entries) == 0) {
    const std::filesystem::path named = entry->value != nullptr ? entry->value : "";
    if (entry->include_depth != 0 || named.empty()) continue;
    const bool from_home = *named.begin() == "~" && home != nullptr;
    const auto path = from_home ? home / named.lexically_relative("~")
                                : std::filesystem::path(file).parent_path() / named;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)) continue;
    git_config* raw_other = nullptr;
    if (git_config_open_ondisk(&raw_other, path.c_str()) == 0) add_file(path.string(), places);
    const Config other(raw_other);
  }
}

std::vector<Readable> LibgitRepository::places(const Question& question) {
  std::vector<Readable> places;
  add_repository(git_repository_path(repo_.get()), places);
  const std::string common = git_repository_commondir(repo_.get());
  if (common != git_repository_path(repo_.get())) add_repository(common, places);
  for (const std::string& directory : object_directories(common + "objects")) {
    places.push_back({.path = directory});
  }
  if (!question.index_file.empty()) add_file(question.index_file, places);
  if (question.head.kind == Revision::Kind::working_tree && !compared_.work_tree.empty()) {
    add_work_tree(compared_.work_tree, places);
    // Submodules are opened to see which commit they are at; this repository is open already.
    for (const std::string& file : submodule_configurations(common + "modules")) {
      add_included(file, places);
    }
  }
  if (!owner_ignores_.empty()) add_file(owner_ignores_, places);
  // Submodules are opened later, when the owner's configuration cannot be read any more.
  for (const auto level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
                           GIT_CONFIG_LEVEL_PROGRAMDATA}) {
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  }
  return places;
}

}  // namespace

bool is_path_in_tree(std::string_view path) {
  if (path.empty() || path.size() > kMostPathBytes) return false;
  if (path.find('\0') != std::string_view::npos) return false;
  while (true) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

tl::unexpected<Error> too_many_paths() {
  return fail(Code::limit_entries, "there are more than " + std::to_string(kMostPaths) +
                                       " files, which is more than are compared");
}

// Initialised once, never shut down: sources may outlive any scope that could do it.
void start_libgit2() {
  static const int started = [] {
    const int count = git_libgit2_init();
    // Objects are checked when they are read: a clone may come from anywhere.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
    // They change nothing of what is read: settings of one working tree, objects that are fetched
    // when they are missing or never thrown away, and how working trees name their repository.
    std::array<const char*, 4> known = {"worktreeconfig", "partialclone", "preciousobjects",
                                        "relativeworktrees"};
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, known.data(), known.size());
    return count;
  }();
  (void)started;
}

Result<std::unique_ptr<GitRepository>> GitRepository::open(const std::string& path) {
  MINESCAN_TRY_ASSIGN(Repo repo, open_repository(path));
  return std::make_unique<LibgitRepository>(std::move(repo));
}

}  // namespace minescan::acquire
