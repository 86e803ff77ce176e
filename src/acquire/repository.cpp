#include "acquire/repository.h"

#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "acquire/files.h"
#include "acquire/pulled_source.h"
#include "acquire/quoted.h"
#include "acquire/tar_header.h"

namespace minescan::acquire {
namespace {

// libgit2 holds a whole blob in memory.
constexpr std::uint64_t kMaxBlob = std::uint64_t{1} << 30;
// A target is a path; what is longer is no link that a system could make.
constexpr std::uint64_t kMaxTarget = 4096;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Repo = std::unique_ptr<git_repository, Freed<git_repository_free>>;
using Object = std::unique_ptr<git_object, Freed<git_object_free>>;
using Commit = std::unique_ptr<git_commit, Freed<git_commit_free>>;
using Tree = std::unique_ptr<git_tree, Freed<git_tree_free>>;
using TreeEntry = std::unique_ptr<git_tree_entry, Freed<git_tree_entry_free>>;
using Index = std::unique_ptr<git_index, Freed<git_index_free>>;
using Diff = std::unique_ptr<git_diff, Freed<git_diff_free>>;
using Blob = std::unique_ptr<git_blob, Freed<git_blob_free>>;
using Odb = std::unique_ptr<git_odb, Freed<git_odb_free>>;

// Initialised once, never shut down: sources may outlive any scope that could do it.
void start_libgit2() {
  static const int started = [] {
    const int count = git_libgit2_init();
    // Objects are checked when they are read: a clone may come from anywhere.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
    return count;
  }();
  (void)started;
}

std::string git_message() {
  const git_error* error = git_error_last();
  return error != nullptr && error->message != nullptr ? error->message : "no reason given";
}

std::string hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, &id);
}

Result<Repo> open_repository(const std::string& path) {
  start_libgit2();
  git_repository* raw = nullptr;
  const int status = git_repository_open_ext(&raw, path.c_str(), 0, nullptr);
  Repo repo(raw);
  if (status == 0) return repo;
  if (status == GIT_ENOTFOUND) {
    return fail(Code::usage,
                in_quotes(path) +
                    " is in no git repository; name one, as in 'minescan gate "
                    "DIRECTORY', or compare two lockfiles with --lockfile A --against B");
  }
  if (status == GIT_EOWNER) {
    return fail(Code::refused, "the repository of " + in_quotes(path) +
                                   " belongs to another user; trust it with 'git config --global "
                                   "--add safe.directory PATH'");
  }
  return fail(Code::io, "cannot open the repository of " + in_quotes(path) + ": " + git_message());
}

TreeFile::Kind kind_of(std::uint16_t mode) {
  // As git takes modes that it would not write itself: only their type counts, and one bit.
  constexpr unsigned kType = 0170000, kExecutable = 0100;
  switch (mode & kType) {
    case GIT_FILEMODE_TREE:
    case 0:
      return TreeFile::Kind::none;
    case GIT_FILEMODE_LINK:
      return TreeFile::Kind::link;
    case GIT_FILEMODE_COMMIT:
      return TreeFile::Kind::submodule;
    default:
      return (mode & kExecutable) != 0 ? TreeFile::Kind::executable : TreeFile::Kind::file;
  }
}

Result<Commit> find_commit(git_repository* repo, const std::string& name) {
  git_object* raw = nullptr;
  const int status = git_revparse_single(&raw, repo, name.c_str());
  const Object object(raw);
  if (status != 0) {
    std::string what = "there is no revision " + in_quotes(name) + " in this repository";
    if (git_repository_is_shallow(repo) == 1) {
      what += ", which is a shallow clone; fetch it with 'git fetch --no-tags origin BRANCH', or " +
              std::string("check out with full history (fetch-depth: 0)");
    } else {
      what += "; fetch it with 'git fetch origin', or name another one with --base";
    }
    return fail(Code::not_found, what);
  }
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

Result<Tree> tree_of(const git_commit* commit) {
  git_tree* raw = nullptr;
  if (git_commit_tree(&raw, commit) != 0) {
    return fail(Code::not_found, "the files of commit " +
                                     hex(*git_commit_id(commit)).substr(0, 12) +
                                     " are not in this repository: " + git_message() +
                                     "; a partial clone lacks them, fetch without --filter");
  }
  return Tree(raw);
}

// What two states of a repository are, ready to be read by several threads: every reader opens the
// repository for itself, because libgit2's handles are for one thread at a time.
struct State {
  std::string git_directory;
  std::string root;  // of the working tree; "" in a bare repository
  std::string name;  // what trails of gaps begin with
  std::mutex mutex;
  std::vector<Gap> late_gaps;  // guarded by mutex
};

Result<std::string> read_blob(git_repository* repo, const std::string& id, const std::string& path,
                              std::uint64_t limit) {
  git_oid oid;
  if (git_oid_fromstr(&oid, id.c_str()) != 0) return fail(Code::internal, "no object id: " + id);
  git_odb* raw_odb = nullptr;
  if (git_repository_odb(&raw_odb, repo) != 0) return fail(Code::io, git_message());
  const Odb odb(raw_odb);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  const auto missing = [&] {
    return fail(Code::io, "the bytes of " + in_quotes(path) + " (object " + id.substr(0, 12) +
                              ") cannot be read: " + git_message());
  };
  if (git_odb_read_header(&size, &type, odb.get(), &oid) != 0) return missing();
  if (size > limit) {
    return fail(Code::limit_bytes, in_quotes(path) + " has " + std::to_string(size) +
                                       " bytes, more than the " + std::to_string(limit) +
                                       " that are read of such a file");
  }
  git_blob* raw = nullptr;
  if (git_blob_lookup(&raw, repo, &oid) != 0) return missing();
  const Blob blob(raw);
  return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                     static_cast<std::size_t>(git_blob_rawsize(blob.get())));
}

// A file of the working tree, no link followed on the way.
Result<std::string> read_worktree(const std::string& root, const std::string& path, bool link,
                                  std::uint64_t limit) {
  Fd directory(::open(root.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!directory.valid()) return tl::unexpected(system_error(errno, "open", root));
  std::string_view rest = path;
  for (auto slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    MINESCAN_TRY_ASSIGN(directory,
                        open_directory_at(directory.get(), std::string(rest.substr(0, slash))));
    rest.remove_prefix(slash + 1);
  }
  const std::string name(rest);
  if (link) {
    std::string target(kMaxTarget, '\0');
    const ssize_t n = ::readlinkat(directory.get(), name.c_str(), target.data(), target.size());
    if (n < 0) return tl::unexpected(system_error(errno, "read", path));
    target.resize(static_cast<std::size_t>(n));
    return target;
  }
  MINESCAN_TRY_ASSIGN(const Fd file, open_file_at(directory.get(), name));
  return read_whole(file.get(), path, limit);
}

struct Wanted {
  std::string path;
  TreeFile file;
};

Result<std::string> read_file(git_repository* repo, const State& state, const Wanted& wanted,
                              std::uint64_t limit) {
  const bool link = wanted.file.kind == TreeFile::Kind::link;
  if (!wanted.file.id.empty()) return read_blob(repo, wanted.file.id, wanted.path, limit);
  return read_worktree(state.root, wanted.path, link, limit);
}

// Files as one tar stream, one after the other in memory.
class BlobsSource final : public PulledSource {
 public:
  BlobsSource(Repo repo, std::shared_ptr<State> state, std::vector<Wanted> files)
      : repo_(std::move(repo)), state_(std::move(state)), files_(std::move(files)) {}

 private:
  Result<std::size_t> pull(std::span<std::byte> room) override {
    while (used_ == ready_.size()) {
      used_ = 0;
      ready_.clear();
      if (next_ < files_.size()) {
        start(files_[next_++]);
      } else if (!ended_) {
        ended_ = true;
        ready_.assign(2 * kTarBlock, '\0');
      } else {
        return std::size_t{0};
      }
    }
    const std::size_t n = std::min(room.size(), ready_.size() - used_);
    std::memcpy(room.data(), ready_.data() + used_, n);
    used_ += n;
    return n;
  }

  void start(const Wanted& wanted) {
    auto bytes = read_file(repo_.get(), *state_, wanted, kMaxBlob);
    if (!bytes) {
      Gap gap;
      gap.trail.steps = {{Step::Kind::unit, state_->name}, {Step::Kind::member, wanted.path}};
      gap.reason = gap_reason(bytes.error().code);
      gap.detail = bytes.error().what;
      const std::lock_guard lock(state_->mutex);
      state_->late_gaps.push_back(std::move(gap));
      return;
    }
    if (wanted.file.kind == TreeFile::Kind::link) {
      ready_ = tar_symlink_header(wanted.path, *bytes);
      return;
    }
    const std::size_t padding = tar_padding(bytes->size());
    bytes->insert(0, tar_file_header(wanted.path, bytes->size()));
    ready_ = std::move(*bytes);
    ready_.append(padding, '\0');
  }

  Repo repo_;
  std::shared_ptr<State> state_;
  std::vector<Wanted> files_;
  std::size_t next_ = 0;
  bool ended_ = false;
  std::string ready_;
  std::size_t used_ = 0;
};

class BlobsOpener final : public Opener {
 public:
  BlobsOpener(std::shared_ptr<State> state, std::map<std::string, std::vector<Wanted>> units)
      : state_(std::move(state)), units_(std::move(units)) {}

  Result<std::unique_ptr<Source>> open(const Unit& unit) override {
    const auto found = units_.find(unit.name);
    if (found == units_.end()) return fail(Code::not_found, "no unit " + in_quotes(unit.name));
    MINESCAN_TRY_ASSIGN(Repo repo, open_repository(state_->git_directory));
    return std::make_unique<BlobsSource>(std::move(repo), state_, found->second);
  }

  std::vector<Gap> late_gaps() override {
    const std::lock_guard lock(state_->mutex);
    const std::set<Gap> sorted(state_->late_gaps.begin(), state_->late_gaps.end());
    return {sorted.begin(), sorted.end()};
  }

 private:
  std::shared_ptr<State> state_;
  const std::map<std::string, std::vector<Wanted>> units_;
};

class GitComparison final : public Comparison {
 public:
  GitComparison(Repo repo, std::shared_ptr<State> state)
      : repo_(std::move(repo)), state_(std::move(state)) {}

  Result<void> compare(const std::string& base, const Revision& head);

  const std::string& root() const override { return state_->name; }
  const std::string& base_name() const override { return base_name_; }
  const std::string& head_name() const override { return head_name_; }
  const std::vector<FileChange>& changes() const override { return changes_; }

  Result<std::string> read(Side side, const std::string& path, std::uint64_t limit) override {
    const TreeFile file = find(side, path);
    if (file.kind == TreeFile::Kind::none || file.kind == TreeFile::Kind::submodule) {
      return fail(Code::not_found, "there is no file " + in_quotes(path) + " in " +
                                       (side == Side::head ? head_name_ : base_name_));
    }
    return read_file(repo_.get(), *state_, {path, file}, limit);
  }

  bool is_link(Side side, const std::string& path) override {
    return find(side, path).kind == TreeFile::Kind::link;
  }
  Result<std::vector<std::string>> paths(Side side) override;
  Result<Acquired> files(Side side, const std::vector<std::string>& paths) override;

 private:
  TreeFile find(Side side, const std::string& path);
  TreeFile in_tree(git_tree* tree, const std::string& path);
  Result<void> collect(git_diff* diff);
  Result<void> open_index();
  // What the head is when it is no commit.
  TreeFile in_index(const std::string& path);
  TreeFile in_worktree(const std::string& path);

  Repo repo_;
  std::shared_ptr<State> state_;
  std::string base_name_, head_name_;
  Tree base_, trusted_;
  Revision head_;
  Tree head_tree_;  // of a commit
  Index index_;     // of the index
  std::vector<FileChange> changes_;
};

// "file has been removed" and the like are git_delta_t; only the two sides matter here.
TreeFile side_of(const git_diff_file& file, bool exists, bool has_id) {
  if (!exists) return {};
  return {kind_of(file.mode), has_id ? hex(file.id) : ""};
}

Result<void> GitComparison::collect(git_diff* diff) {
  const std::size_t count = git_diff_num_deltas(diff);
  for (std::size_t i = 0; i < count; ++i) {
    const git_diff_delta* delta = git_diff_get_delta(diff, i);
    FileChange change;
    const bool before = delta->status != GIT_DELTA_ADDED && delta->status != GIT_DELTA_UNTRACKED;
    const bool after = delta->status != GIT_DELTA_DELETED;
    change.path = after ? delta->new_file.path : delta->old_file.path;
    change.before = side_of(delta->old_file, before, true);
    change.after = side_of(
        delta->new_file, after,
        head_.kind != Revision::Kind::working_tree || delta->new_file.mode == GIT_FILEMODE_COMMIT);
    // Git no longer tracks it, but there it is.
    if (!after && head_.kind == Revision::Kind::working_tree) {
      change.after = in_worktree(change.path);
    }
    // A directory that is a repository of its own, and that nobody added as a submodule.
    if (delta->status == GIT_DELTA_UNTRACKED && change.path.ends_with('/')) {
      change.path.pop_back();
      change.after.kind = TreeFile::Kind::submodule;
    }
    if (change.before == change.after && !change.after.id.empty()) continue;
    changes_.push_back(std::move(change));
  }
  std::sort(changes_.begin(), changes_.end(),
            [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
  return {};
}

// `git commit -a` and the like give a hook another index than the repository's.
Result<void> GitComparison::open_index() {
  git_index* raw = nullptr;
  const char* other = std::getenv("GIT_INDEX_FILE");
  const int status = other != nullptr && *other != '\0' ? git_index_open(&raw, other)
                                                        : git_repository_index(&raw, repo_.get());
  index_ = Index(raw);
  if (status != 0) return fail(Code::io, "cannot read the index: " + git_message());
  return {};
}

Result<void> GitComparison::compare(const std::string& base, const Revision& head) {
  head_ = head;
  // Before the first commit everything is new.
  const bool unborn = base == "HEAD" && git_repository_head_unborn(repo_.get()) == 1;
  Commit base_commit;
  base_name_ = "no commit";
  if (!unborn) {
    MINESCAN_TRY_ASSIGN(base_commit, find_commit(repo_.get(), base));
    MINESCAN_TRY_ASSIGN(trusted_, tree_of(base_commit.get()));
    base_name_ = commit_name(base, base_commit.get());
  }
  Commit head_commit;
  git_oid head_id;
  bool has_head = true;
  if (head.kind == Revision::Kind::commit) {
    MINESCAN_TRY_ASSIGN(head_commit, find_commit(repo_.get(), head.name));
    head_name_ = commit_name(head.name, head_commit.get());
    head_id = *git_commit_id(head_commit.get());
  } else {
    head_name_ = head.kind == Revision::Kind::index ? "index" : "working tree";
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
    base_name_ += ", from their common ancestor " + hex(ancestor).substr(0, 12);
  } else if (!unborn) {
    MINESCAN_TRY_ASSIGN(base_, tree_of(base_commit.get()));
  }

  git_diff_options options;
  // Fails for another version of the structure only, which this is not.
  static_cast<void>(git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION));
  options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                  GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_DISABLE_PATHSPEC_MATCH |
                  GIT_DIFF_SKIP_BINARY_CHECK;
  // Whatever .gitmodules says.
  options.ignore_submodules = GIT_SUBMODULE_IGNORE_NONE;
  git_diff* raw = nullptr;
  int status = 0;
  if (head.kind == Revision::Kind::commit) {
    MINESCAN_TRY_ASSIGN(head_tree_, tree_of(head_commit.get()));
    status = git_diff_tree_to_tree(&raw, repo_.get(), base_.get(), head_tree_.get(), &options);
  } else if (head.kind == Revision::Kind::index) {
    MINESCAN_TRY(open_index());
    if (git_index_has_conflicts(index_.get()) == 1) {
      return fail(Code::usage, "the index has conflicts; resolve them, then run minescan again");
    }
    status = git_diff_tree_to_index(&raw, repo_.get(), base_.get(), index_.get(), &options);
  } else {
    if (git_repository_is_bare(repo_.get()) == 1) {
      return fail(Code::usage, "the repository is bare and has no working tree; name a --head");
    }
    status = git_diff_tree_to_workdir_with_index(&raw, repo_.get(), base_.get(), &options);
  }
  const Diff diff(raw);
  if (status != 0) {
    return fail(Code::io,
                "cannot compare " + base_name_ + " with " + head_name_ + ": " + git_message());
  }
  return collect(diff.get());
}

TreeFile GitComparison::in_tree(git_tree* tree, const std::string& path) {
  git_tree_entry* raw = nullptr;
  if (tree == nullptr || path.empty() || git_tree_entry_bypath(&raw, tree, path.c_str()) != 0) {
    return {};
  }
  const TreeEntry entry(raw);
  return {kind_of(static_cast<std::uint16_t>(git_tree_entry_filemode(raw))),
          hex(*git_tree_entry_id(raw))};
}

TreeFile GitComparison::in_index(const std::string& path) {
  const git_index_entry* entry = git_index_get_bypath(index_.get(), path.c_str(), 0);
  if (entry == nullptr) return {};
  return {kind_of(static_cast<std::uint16_t>(entry->mode)), hex(entry->id)};
}

TreeFile GitComparison::in_worktree(const std::string& path) {
  struct stat info {};
  if (::lstat((state_->root + "/" + path).c_str(), &info) != 0) return {};
  if (S_ISLNK(info.st_mode)) return {TreeFile::Kind::link, ""};
  if (!S_ISREG(info.st_mode)) return {};
  return {(info.st_mode & S_IXUSR) != 0 ? TreeFile::Kind::executable : TreeFile::Kind::file, ""};
}

TreeFile GitComparison::find(Side side, const std::string& path) {
  if (side == Side::base) return in_tree(base_.get(), path);
  if (side == Side::trusted) return in_tree(trusted_.get(), path);
  switch (head_.kind) {
    case Revision::Kind::commit:
      return in_tree(head_tree_.get(), path);
    case Revision::Kind::index:
      return in_index(path);
    case Revision::Kind::working_tree:
      break;
  }
  return in_worktree(path);
}

Result<std::vector<std::string>> GitComparison::paths(Side side) {
  std::vector<std::string> found;
  git_tree* tree = side == Side::base      ? base_.get()
                   : side == Side::trusted ? trusted_.get()
                                           : head_tree_.get();
  if (tree != nullptr) {
    const auto visit = [](const char* folder, const git_tree_entry* entry, void* to) {
      if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB) {
        try {
          static_cast<std::vector<std::string>*>(to)->push_back(std::string(folder) +
                                                                git_tree_entry_name(entry));
        } catch (const std::exception&) {
          return -1;  // no exception may pass through C
        }
      }
      return 0;
    };
    if (git_tree_walk(tree, GIT_TREEWALK_PRE, visit, &found) != 0) {
      return fail(Code::io,
                  "cannot list the files of " + in_quotes(state_->name) + ": " + git_message());
    }
  } else {
    if (!index_) MINESCAN_TRY(open_index());
    const std::size_t count = git_index_entrycount(index_.get());
    for (std::size_t i = 0; i < count; ++i) {
      found.emplace_back(git_index_get_byindex(index_.get(), i)->path);
    }
    for (const FileChange& change : changes_) {
      if (change.after.kind != TreeFile::Kind::none) found.push_back(change.path);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<Acquired> GitComparison::files(Side side, const std::vector<std::string>& paths) {
  constexpr std::size_t kSliceFiles = 512;
  Artifact artifact;
  artifact.kind = Artifact::Kind::tree;
  artifact.name = state_->name;
  std::map<std::string, std::vector<Wanted>> units;
  std::vector<Wanted>* slice = nullptr;
  for (const std::string& path : paths) {
    const TreeFile file = find(side, path);
    if (file.kind == TreeFile::Kind::submodule) {
      artifact.gaps.push_back(
          {.trail = {{{Step::Kind::unit, state_->name}, {Step::Kind::member, path}}},
           .reason = GapReason::decode_unsupported,
           .detail = "a submodule; its files are in another repository, scan "
                     "them with 'minescan repo' where it is checked out"});
      continue;
    }
    if (file.kind == TreeFile::Kind::none) {
      artifact.gaps.push_back(
          {.trail = {{{Step::Kind::unit, state_->name}, {Step::Kind::member, path}}},
           .reason = GapReason::io_special,
           .detail = "it is no file: a repository of its own, a FIFO or the like, or it was "
                     "removed meanwhile"});
      continue;
    }
    if (slice == nullptr || slice->size() >= kSliceFiles) {
      const std::string name = "files " + std::to_string(units.size() + 1);
      slice = &units[name];
      artifact.units.push_back(
          {.kind = Unit::Kind::tree_slice, .name = name, .media_type = "application/x-tar"});
    }
    slice->push_back({path, file});
  }
  return Acquired{std::move(artifact), std::make_unique<BlobsOpener>(state_, std::move(units))};
}

}  // namespace

Result<std::unique_ptr<Comparison>> compare_revisions(const std::string& path,
                                                      const std::string& base,
                                                      const Revision& head) {
  MINESCAN_TRY_ASSIGN(Repo repo, open_repository(path));
  auto state = std::make_shared<State>();
  state->git_directory = git_repository_path(repo.get());
  if (const char* root = git_repository_workdir(repo.get()); root != nullptr) state->root = root;
  while (state->root.size() > 1 && state->root.ends_with('/')) state->root.pop_back();
  state->name = path;
  auto comparison = std::make_unique<GitComparison>(std::move(repo), std::move(state));
  MINESCAN_TRY(comparison->compare(base, head));
  return comparison;
}

}  // namespace minescan::acquire
