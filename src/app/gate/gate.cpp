#include "app/gate/gate.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>

#include "app/gate/paths.h"
#include "app/gate/run.h"
#include "judge/merge.h"
#include "judge/policy.h"

namespace minescan::app {
namespace {

constexpr std::uint64_t kMostBaseline = std::uint64_t{256} << 20;

}  // namespace

Result<void> Gate::compare_git() {
  if (options_.base_given && options_.base.empty()) {
    return fail(Code::usage, "--base is empty; name a revision, as in --base origin/main");
  }
  std::optional<acquire::Peer> peer;
  if (git_ != nullptr) {
    MINESCAN_TRY(git_->confinement());
    peer = {.socket = git_->socket(),
            .patience = std::chrono::seconds(options_.unit_seconds),
            .end = [this] { return git_->end(); }};
  }
  MINESCAN_TRY_ASSIGN(comparison_,
                      acquire::compare_revisions(git_question(options_), peer ? &*peer : nullptr));
  review_.base = comparison_->base_name();
  review_.head = comparison_->head_name();
  return {};
}

Result<void> Gate::read_policy() {
  const auto trusted = [&](const std::string& path, std::uint64_t limit) -> Result<std::string> {
    if (!comparison_) return fail(Code::not_found, "no base revision");
    return comparison_->read(Side::trusted, path, limit);
  };
  if (!options_.config.empty() || !comparison_) {
    MINESCAN_TRY_ASSIGN(policy_, policy_from_options(options_));
    return {};
  }
  const auto text = trusted(".minescan.yaml", kMostPolicy);
  if (!text && trusted(".minescan.yml", kMostPolicy)) {
    return fail(Code::usage, review_.base +
                                 " has a .minescan.yml, which is not read; name it "
                                 ".minescan.yaml");
  }
  if (!text && text.error().code != Code::not_found) return tl::unexpected(text.error());
  if (text) {
    MINESCAN_TRY_ASSIGN(policy_.file, judge::parse_policy(".minescan.yaml of " + review_.base,
                                                          as_bytes(*text), today()));
    if (!policy_.file->baseline.empty()) {
      MINESCAN_TRY_ASSIGN(const std::string report, trusted(policy_.file->baseline, kMostBaseline));
      MINESCAN_TRY_ASSIGN(policy_.baseline_ids,
                          judge::ids_in_report(policy_.file->baseline, as_bytes(report)));
    }
  }
  return add_options(options_, policy_);
}

Result<Report> Gate::conclude() {
  for (const Brought& brought : brought_) {
    const lockfiles::Change& change = *brought.change;
    const bool removed = change.kind == lockfiles::Change::Kind::removed;
    const bool added = change.kind == lockfiles::Change::Kind::added;
    const Dependency& named = removed ? change.before : change.after;
    review_.packages.push_back(
        {.change = std::string(lockfiles::change_name(change.kind)),
         .before = added ? "" : purl(change.before),
         .after = removed ? "" : purl(change.after),
         .lockfile = named.file,
         .line = named.line,
         .outcome = brought.same_as ? brought_[*brought.same_as].outcome : brought.outcome});
  }
  Report report = examiner_.judge(artifact_, records_, std::move(failures_));
  // A line about a package is about that package, on the lockfile's line.
  for (Finding& finding : report.findings) {
    for (const Evidence& evidence : finding.evidence) {
      if (evidence.view != ViewKind::change) continue;
      const auto package = evidence.captures.find("package");
      if (package != evidence.captures.end()) finding.package = package->second;
      if (evidence.line != 0 && finding.lockfile.empty()) {
        finding.lockfile = finding.path.empty() ? artifact_.name : finding.path;
        finding.lockfile_line = evidence.line;
      }
    }
  }
  baseline_.reason = "it is in " + review_.base + " too";
  judge::apply_baseline(baseline_, report);
  for (Report& part : parts_) judge::add_part(report, std::move(part));
  report.review = std::move(review_);
  std::move(records_.begin(), records_.end(), std::back_inserter(all_records_));
  policy_.apply(report);
  judge::finish(report, all_records_);
  return report;
}

Result<Report> Gate::run() {
  if (options_.lockfile.empty()) {
    MINESCAN_TRY(compare_git());
    MINESCAN_TRY(read_policy());
    MINESCAN_TRY(scan_tree());
    MINESCAN_TRY(review_lockfiles());
    tell_about_files();
  } else {
    MINESCAN_TRY(read_policy());
    MINESCAN_TRY(compare_lockfiles());
  }
  if (policy_.file && policy_.file->fail_on && !options_.fail_on_given) {
    examiner_.set_fail_on(*policy_.file->fail_on);
  }
  for (const auto& changes : changes_) {
    auto lines = review::compare_packages(changes);
    if (!comparison_) {
      for (review::Line& line : lines) line.path.clear();
    }
    add_lines(lines);
  }
  bring();
  MINESCAN_TRY(fetch());
  look_for_bundled();
  // What was not read for want of the process would look like what is not there.
  if (comparison_) MINESCAN_TRY(comparison_->alive());
  return conclude();
}

acquire::Question git_question(const Options& options) {
  acquire::Question question;
  question.path = options.target;
  question.base = options.base.empty() ? "HEAD" : options.base;
  if (options.staged) {
    question.head.kind = acquire::Revision::Kind::index;
  } else if (!options.head.empty()) {
    question.head = {acquire::Revision::Kind::commit, options.head};
  }
  if (const char* index = std::getenv("GIT_INDEX_FILE"); index != nullptr) {
    question.index_file = index;
  }
  return question;
}

Result<Report> gate(const Options& options, Examiner& examiner,
                    examine::worker::ReadingProcess* git) {
  return Gate(options, examiner, git).run();
}

}  // namespace minescan::app
