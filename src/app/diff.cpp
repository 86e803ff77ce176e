#include "app/diff.h"

#include <sys/stat.h>

#include <algorithm>

#include "acquire/acquire.h"
#include "app/policy.h"
#include "judge/judge.h"
#include "judge/policy.h"
#include "model/dependency.h"
#include "review/changes.h"
#include "review/seen.h"

namespace minescan::app {
namespace {

// What a text names: a package of a registry, a directory, an image's archive, another file, or
// else an image.
Result<acquire::Acquired> acquire_any(const std::string& name, const acquire::Options& options) {
  if (parse_package_name(name)) return acquire::package(name, options);
  struct stat info {};
  if (::stat(name.c_str(), &info) == 0) {
    if (!S_ISDIR(info.st_mode)) {
      // The archive of an image has layers; any other file is a package.
      auto image = acquire::image(name, options);
      return image ? std::move(image) : acquire::package(name, options);
    }
    struct stat layout {};
    const bool is_layout = ::stat((name + "/oci-layout").c_str(), &layout) == 0;
    return is_layout ? acquire::image(name, options) : acquire::tree(name);
  }
  return acquire::image(name, options);
}

struct Looked {
  acquire::Acquired acquired;
  Examined examined;
  review::SeenFiles files;
};

Result<Looked> look(const std::string& name, const Options& options, Examiner& examiner) {
  MINESCAN_TRY_ASSIGN(acquire::Acquired acquired, acquire_any(name, options.acquire));
  // npm and Cargo put everything into one folder, which has the version in its name or says
  // nothing.
  review::Seen seen(acquired.artifact, acquired.artifact.kind == Artifact::Kind::package);
  MINESCAN_TRY_ASSIGN(Examined examined, examiner.run(acquired.artifact, *acquired.opener, &seen));
  for (Gap& gap : acquired.opener->late_gaps()) acquired.artifact.gaps.push_back(std::move(gap));
  if (seen.full()) {
    acquired.artifact.gaps.push_back({.trail = {{{Step::Kind::unit, acquired.artifact.name}}},
                                      .reason = GapReason::limit_entries,
                                      .detail = "more files than are compared"});
  }
  return Looked{std::move(acquired), std::move(examined), seen.take()};
}

// What was said to be nothing new must have been seen: what could not be read before is one gap.
void tell_gaps_before(const Looked& before, Artifact& artifact) {
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  const auto take = [&](const std::vector<Gap>& gaps) {
    for (const Gap& gap : gaps) {
      if (!is_open(gap)) continue;
      ++count;
      bytes += gap.bytes;
    }
  };
  take(before.acquired.artifact.gaps);
  for (const Record& record : before.examined.records) take(record.gaps);
  if (count == 0) return;
  artifact.gaps.push_back(
      {.trail = {{{Step::Kind::unit, before.acquired.artifact.name}}},
       .reason = GapReason::parse_ambiguous,
       .detail = std::to_string(count) +
                 " parts of the earlier one could not be read, so what is new is not certain",
       .bytes = 0});
}

// What the files that changed say, as evidence in them; what is not known of it, as gaps.
void add_changes(const Looked& before, Looked& after, Examiner& examiner,
                 std::vector<Record>& records) {
  const auto& units = after.acquired.artifact.units;
  const auto gap = [&](const Trail& trail, const Error& error) {
    after.acquired.artifact.gaps.push_back(
        {.trail = trail, .reason = gap_reason(error.code), .detail = error.what});
  };
  auto changed = review::compare_files(before.files, after.files, examiner.tasks());
  for (const auto& unread : changed.unread) {
    gap(after.files.at(unread.path).trail, unread.error);
  }
  review::each_file(changed.lines, [&](const std::string& path, auto lines) {
    const auto file = after.files.find(path);
    if (file == after.files.end()) return;
    const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& one) {
      return one.name == file->second.trail.steps.front().name;
    });
    if (unit == units.end()) return;
    auto& record = records[static_cast<std::size_t>(unit - units.begin())];
    const auto done = review::match_lines(lines, file->second.trail, examiner.signatures(),
                                          examiner.tasks(), record.evidence);
    if (!done) gap(file->second.trail, done.error());
  });
}

}  // namespace

Result<Report> diff(const Options& options, Examiner& examiner) {
  MINESCAN_TRY_ASSIGN(const PolicyOfRun policy, policy_from_options(options));
  MINESCAN_TRY_ASSIGN(Looked before, look(options.base, options, examiner));
  MINESCAN_TRY_ASSIGN(Looked after, look(options.target, options, examiner));
  Artifact& artifact = after.acquired.artifact;
  std::vector<Record>& records = after.examined.records;
  add_changes(before, after, examiner, records);
  tell_gaps_before(before, artifact);

  const bool strip = artifact.kind == Artifact::Kind::package;
  judge::Baseline baseline{.keys = {},
                           .ids = {},
                           .strip = strip,
                           .reason = "it is in " + before.acquired.artifact.name + " too"};
  const Report old = examiner.judge(before.acquired.artifact, before.examined.records, {});
  for (const Finding& finding : old.findings) {
    baseline.keys.push_back(judge::finding_key(finding, strip));
  }
  std::sort(baseline.keys.begin(), baseline.keys.end());

  std::vector<Error> failures = before.examined.failures();
  for (Error& failure : after.examined.failures()) failures.push_back(std::move(failure));
  Review review;
  review.base = before.acquired.artifact.name;
  review.head = artifact.name;
  for (const auto& [path, file] : after.files) {
    const auto was = before.files.find(path);
    const bool same =
        was != before.files.end() && !file.digest.empty() && was->second.digest == file.digest;
    if (!same) ++review.files_changed;
  }
  Report report = examiner.judge(std::move(artifact), records, std::move(failures));
  report.review = std::move(review);
  judge::apply_baseline(baseline, report);
  policy.apply(report);
  report.exit_code = judge::exit_code(report);
  return report;
}

}  // namespace minescan::app
