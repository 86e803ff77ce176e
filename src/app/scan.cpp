#include "app/scan.h"

#include <thread>

#include "app/diff.h"
#include "app/examiner.h"
#include "app/gate/gate.h"
#include "app/installed.h"
#include "app/policy.h"
#include "judge/judge.h"
#include "review/seen.h"

namespace minescan::app {
namespace {

Result<acquire::Acquired> acquire_target(const Options& options) {
  switch (options.command) {
    case Command::image:
      return acquire::image(options.target, options.acquire);
    case Command::package:
      return acquire::package(options.target, options.acquire);
    default:
      return acquire::tree(options.target);
  }
}

Result<Report> scan_one(const Options& options, Examiner& examiner) {
  MINESCAN_TRY_ASSIGN(const PolicyOfRun policy, policy_from_options(options));
  MINESCAN_TRY_ASSIGN(acquire::Acquired acquired, acquire_target(options));
  if (policy.file && policy.file->fail_on && !options.fail_on_given) {
    examiner.set_fail_on(*policy.file->fail_on);
  }
  std::optional<review::Seen> seen;
  if (options.verify_installed) seen.emplace(acquired.artifact, false);
  MINESCAN_TRY_ASSIGN(Examined examined,
                      examiner.run(acquired.artifact, *acquired.opener, seen ? &*seen : nullptr));
  if (acquired.artifact.kind == Artifact::Kind::package &&
      acquired.artifact.name.starts_with("pkg:")) {
    for (std::size_t i = 0; i < examined.records.size(); ++i) {
      tell_no_archive(acquired.artifact.units[i], examined.records[i]);
    }
  }
  std::vector<Error> failures = examined.failures();
  if (seen) {
    MINESCAN_TRY(verify_installed(options, examiner, seen->take(), acquired.artifact,
                                  examined.records, failures));
  }
  for (Gap& gap : acquired.opener->late_gaps()) acquired.artifact.gaps.push_back(std::move(gap));
  Report report =
      examiner.judge(std::move(acquired.artifact), examined.records, std::move(failures));
  policy.apply(report);
  report.exit_code = judge::exit_code(report);
  return report;
}

}  // namespace

Result<Report> scan(const Options& options,
                    const std::shared_ptr<const match::SignatureSet>& signatures,
                    const Limits& limits, Recall& recall, const Sandbox& sandbox,
                    bool show_progress) {
  const unsigned jobs = options.jobs != 0 ? options.jobs : std::thread::hardware_concurrency();
  Examiner examiner(signatures, limits, recall,
                    {.jobs = jobs,
                     .fail_on = options.fail_on,
                     .show_progress = show_progress,
                     .nursery = sandbox.nursery(),
                     .tasks = &sandbox.tasks(),
                     .patience = std::chrono::seconds(options.unit_seconds)});
  Result<Report> report = options.command == Command::gate ? gate(options, examiner, sandbox.git())
                          : options.command == Command::diff ? diff(options, examiner)
                                                             : scan_one(options, examiner);
  if (!report) return report;
  report->tool_version = MINESCAN_VERSION;
  for (std::string& note : sandbox.notes()) report->artifact.notes.push_back(std::move(note));
  return report;
}

}  // namespace minescan::app
