#pragma once
// One run of `minescan gate`; only this folder looks inside.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acquire/packages/fetcher.h"
#include "acquire/repository.h"
#include "app/examiner.h"
#include "app/options.h"
#include "app/policy.h"
#include "examine/worker/reading.h"
#include "judge/judge.h"
#include "lockfiles/lockfiles.h"
#include "review/changes.h"
#include "review/seen.h"

namespace minescan::app {

// One package that the change brings.
struct Brought {
  const lockfiles::Change* change = nullptr;
  std::string outcome;
  std::vector<Unit> units;
  std::optional<Error> error;
  std::optional<std::size_t> same_as;  // an earlier one with the same files
};

class Gate {
 public:
  Gate(const Options& options, Examiner& examiner, examine::worker::ReadingProcess* git)
      : options_(options), examiner_(examiner), git_(git) {}
  Result<Report> run();

 private:
  using Side = acquire::Comparison::Side;

  Result<void> compare_git();
  Result<void> read_policy();
  Result<Report> conclude();

  // What changed in the tree: tree.cpp.
  Result<void> scan_tree();
  Result<void> scan_base(const std::vector<std::string>& paths);
  void tell_about_files();
  std::size_t unit_of(const std::string& path);
  void add_lines(const std::vector<review::Line>& lines);
  void gap(const std::string& path, GapReason reason, std::string detail, std::uint64_t bytes = 0);
  Result<std::string> read_through_links(Side side, std::string path);

  // What lockfiles say: lockfiles.cpp.
  Result<void> review_lockfiles();
  Result<void> compare_lockfiles();
  void review_lockfile(const std::string& path, const lockfiles::Read& base,
                       const lockfiles::Read& head);
  bool is_locked(const review::Line& requirement);
  const std::vector<const lockfiles::Lockfile*>& locks_of(const std::string& folder);

  // The packages that they bring: packages.cpp.
  void bring();
  bool is_in_tree(const Dependency& dependency);
  void ask_registries(acquire::PackageFetcher& fetcher);
  Result<void> fetch();
  void judge_package(const Brought& brought, const std::map<std::string, std::size_t>& index,
                     const Artifact& artifact, Examined& examined);
  void look_for_bundled();

  const Options& options_;
  Examiner& examiner_;
  examine::worker::ReadingProcess* git_;
  std::unique_ptr<acquire::Comparison> comparison_;
  PolicyOfRun policy_;
  Review review_;
  // The tree, as its head has it.
  Artifact artifact_;
  std::vector<Record> records_;
  std::vector<Error> failures_;
  review::SeenFiles before_, after_;
  judge::Baseline baseline_;
  // What lockfiles bring.
  std::vector<std::vector<lockfiles::Change>> changes_;  // by lockfile; never moved once used
  std::vector<Brought> brought_;
  std::vector<std::string> head_paths_;  // once asked for
  // Of folders, once asked for: their lockfiles of npm and its likes; nullptr = not to be read.
  std::map<std::string, std::vector<const lockfiles::Lockfile*>> locks_;
  std::deque<lockfiles::Lockfile> parsed_locks_;
  std::vector<Report> parts_;
  std::vector<Record> all_records_;
};

}  // namespace minescan::app
