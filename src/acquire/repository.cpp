#include "acquire/repository.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "acquire/git/apart.h"
#include "acquire/git/reader.h"
#include "acquire/git/work_tree.h"
#include "acquire/pulled_source.h"
#include "acquire/quoted.h"
#include "acquire/tar_header.h"

namespace minescan::acquire {
namespace {

using Side = Comparison::Side;

struct Wanted {
  std::string path;
  TreeFile file;
};

// What is read by several threads.
struct State {
  std::string name;  // of the repository; what trails of gaps begin with
  std::mutex mutex;
  std::unique_ptr<GitReader> git;  // guarded by mutex: it is for one thread at a time
  std::vector<Gap> late_gaps;      // guarded by mutex

  Result<std::string> read(const Wanted& wanted, std::uint64_t limit);
};

Result<std::string> State::read(const Wanted& wanted, std::uint64_t limit) {
  if (wanted.file.id.empty()) {
    return read_on_disk(git->compared().work_tree, wanted.path,
                        wanted.file.kind == TreeFile::Kind::link, limit);
  }
  const std::lock_guard lock(mutex);
  return git->blob(wanted.file.id, wanted.path, limit);
}

// Files as one tar stream, one after the other in memory.
class BlobsSource final : public PulledSource {
 public:
  BlobsSource(std::shared_ptr<State> state, const std::vector<Wanted>& files)
      : state_(std::move(state)), files_(files) {}

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
    auto bytes = state_->read(wanted, kMaxBlob);
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

  std::shared_ptr<State> state_;
  const std::vector<Wanted> files_;
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
    return std::make_unique<BlobsSource>(state_, found->second);
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
  GitComparison(std::shared_ptr<State> state, Revision::Kind head)
      : state_(std::move(state)), compared_(state_->git->compared()), head_(head) {}

  const std::string& root() const override { return state_->name; }
  const std::string& base_name() const override { return compared_.base_name; }
  const std::string& head_name() const override { return compared_.head_name; }
  const std::vector<FileChange>& changes() const override { return compared_.changes; }

  Result<std::string> read(Side side, const std::string& path, std::uint64_t limit) override;
  bool is_link(Side side, const std::string& path) override;
  Result<std::vector<std::string>> paths(Side side) override;
  Result<Acquired> files(Side side, const std::vector<std::string>& paths) override;
  Result<void> alive() override {
    const std::lock_guard lock(state_->mutex);
    return state_->git->alive();
  }

 private:
  Result<std::vector<TreeFile>> find(Side side, const std::vector<std::string>& paths);

  std::shared_ptr<State> state_;
  const Compared& compared_;  // of *state_
  const Revision::Kind head_;
};

// What changed is known; the rest is asked for.
Result<std::vector<TreeFile>> GitComparison::find(Side side,
                                                  const std::vector<std::string>& paths) {
  std::vector<TreeFile> found(paths.size());
  std::vector<std::string> unknown;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (side == Side::head && head_ == Revision::Kind::working_tree) {
      if (is_path_in_tree(paths[i])) found[i] = file_on_disk(compared_.work_tree, paths[i]);
      continue;
    }
    const auto [first, last] = std::equal_range(
        compared_.changes.begin(), compared_.changes.end(), FileChange{paths[i], {}, {}},
        [](const FileChange& a, const FileChange& b) { return a.path < b.path; });
    if (side != Side::trusted && last - first == 1) {
      found[i] = side == Side::base ? first->before : first->after;
    } else {
      places.push_back(i);
      unknown.push_back(paths[i]);
    }
  }
  if (unknown.empty()) return found;
  const std::lock_guard lock(state_->mutex);
  MINESCAN_TRY_ASSIGN(const std::vector<TreeFile> answers, state_->git->find(side, unknown));
  for (std::size_t i = 0; i < places.size(); ++i) found[places[i]] = answers[i];
  return found;
}

Result<std::string> GitComparison::read(Side side, const std::string& path, std::uint64_t limit) {
  MINESCAN_TRY_ASSIGN(const std::vector<TreeFile> found, find(side, {path}));
  const TreeFile& file = found.front();
  if (file.kind == TreeFile::Kind::none || file.kind == TreeFile::Kind::submodule) {
    return fail(Code::not_found, "there is no file " + in_quotes(path) + " in " +
                                     (side == Side::head ? head_name() : base_name()));
  }
  return state_->read({path, file}, limit);
}

bool GitComparison::is_link(Side side, const std::string& path) {
  const auto found = find(side, {path});
  return found && found->front().kind == TreeFile::Kind::link;
}

Result<std::vector<std::string>> GitComparison::paths(Side side) {
  const std::lock_guard lock(state_->mutex);
  MINESCAN_TRY_ASSIGN(std::vector<std::string> found, state_->git->paths(side));
  if (side != Side::head || head_ != Revision::Kind::working_tree) return found;
  for (const FileChange& change : compared_.changes) {
    if (change.after.kind != TreeFile::Kind::none) found.push_back(change.path);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<Acquired> GitComparison::files(Side side, const std::vector<std::string>& paths) {
  constexpr std::size_t kSliceFiles = 512;
  MINESCAN_TRY_ASSIGN(const std::vector<TreeFile> found, find(side, paths));
  Artifact artifact;
  artifact.kind = Artifact::Kind::tree;
  artifact.name = state_->name;
  std::map<std::string, std::vector<Wanted>> units;
  std::vector<Wanted>* slice = nullptr;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::string& path = paths[i];
    const TreeFile& file = found[i];
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
           .detail = "it is no file: a repository of its own, a folder that cannot be read, a FIFO "
                     "or the like, or it was "
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

Result<std::unique_ptr<GitReader>> read_here(const Question& question) {
  start_libgit2();
  MINESCAN_TRY_ASSIGN(auto repository, GitRepository::open(question.path));
  MINESCAN_TRY(repository->compare(question, [] {}));
  return repository;
}

}  // namespace

Result<std::unique_ptr<Comparison>> compare_revisions(const Question& question, const Peer* peer) {
  auto state = std::make_shared<State>();
  state->name = question.path;
  MINESCAN_TRY_ASSIGN(state->git,
                      peer == nullptr ? read_here(question) : read_apart(question, *peer));
  // Its files are opened by this process, whoever says where it is.
  const std::string& tree = state->git->compared().work_tree;
  if (question.head.kind == Revision::Kind::working_tree && !is_work_tree_of(tree, question.path)) {
    return fail(Code::unsupported, "the working tree of the repository of " +
                                       in_quotes(question.path) + " is " + in_quotes(tree) +
                                       ", which does not lie around it; compare a commit, with "
                                       "--head");
  }
  return std::make_unique<GitComparison>(std::move(state), question.head.kind);
}

}  // namespace minescan::acquire
