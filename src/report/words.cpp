#include "report/words.h"

#include <algorithm>
#include <array>

#include "model/dependency.h"
#include "report/encode.h"

namespace minescan::report {
namespace {

constexpr std::array<Level, 3> kLevels = {Level::error, Level::warning, Level::note};

std::vector<const Finding*> findings_that_are(const Report& report, bool suppressed) {
  std::vector<const Finding*> chosen;
  for (const Finding& finding : report.findings) {
    if (finding.suppressed.has_value() == suppressed) chosen.push_back(&finding);
  }
  return chosen;
}

std::string not_seen(const Coverage& coverage) {
  std::uint64_t bytes = 0, gaps = 0;
  bool unknown = false;
  for (const Gap& gap : coverage.gaps) {
    if (!is_open(gap)) continue;
    ++gaps;
    bytes += gap.bytes;
    unknown = unknown || gap.bytes == 0;
  }
  if (gaps == 0) return {};
  std::string text = counted(gaps, "gap") + ", ";
  if (bytes == 0) return text + "of unknown size";
  return text + (unknown ? "at least " : "") + human_bytes(bytes) + " not seen";
}

std::string coverage_text(const Report& report) {
  const Coverage& coverage = report.coverage;
  std::string text = "scanned " + human_bytes(coverage.ledger.scanned) + " in " +
                     counted(coverage.ledger.files, "file") + ", ";
  const std::string gaps = not_seen(coverage);
  // The verdict of exit code 3 has said so already.
  const bool said = report.exit_code == 3 && !gaps.empty();
  if (!said) text += coverage.complete ? "complete" : "INCOMPLETE";
  if (!gaps.empty()) text += (said ? "" : ": ") + gaps;
  std::uint64_t links = 0, wished = 0, accepted = 0;
  for (const Gap& gap : coverage.gaps) {
    if (gap.reason == GapReason::io_link_out) {
      ++links;
    } else if (is_outside(gap.reason)) {
      ++wished;
    } else if (!gap.accepted.empty()) {
      ++accepted;
    }
  }
  if (accepted > 0) text += ", " + counted(accepted, "gap") + " accepted";
  if (wished > 0) text += ", " + counted(wished, "part") + " left out as asked";
  if (links > 0) text += ", " + counted(links, "link") + " out of it not followed";
  const std::size_t suppressed = suppressed_findings(report).size();
  if (suppressed > 0) text += ", " + counted(suppressed, "finding") + " suppressed";
  if (report.failures.empty()) return text;
  return counted(report.failures.size(), "failure") + ", " + text;
}

}  // namespace

std::vector<const Finding*> counted_findings(const Report& report) {
  return findings_that_are(report, false);
}

std::vector<RuleFindings> findings_by_rule(const Report& report, Level level) {
  std::vector<RuleFindings> groups;
  for (const Finding* finding : counted_findings(report)) {
    if (finding->level != level) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const RuleFindings& one) { return one.rule == finding->rule; });
    if (group == groups.end()) group = groups.insert(groups.end(), {finding->rule, {}});
    group->findings.push_back(finding);
  }
  return groups;
}

std::vector<const Finding*> suppressed_findings(const Report& report) {
  return findings_that_are(report, true);
}

std::string counts(const Report& report) {
  std::string text;
  for (const Level level : kLevels) {
    const auto count = static_cast<std::uint64_t>(std::count_if(
        report.findings.begin(), report.findings.end(),
        [&](const Finding& finding) { return !finding.suppressed && finding.level == level; }));
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + counted(count, level_name(level));
  }
  return text;
}

Headline headline(const Report& report) {
  using Mood = Headline::Mood;
  const std::string found = counts(report);
  const std::string below = found + ", none at or above " + std::string(level_name(report.fail_on));
  const std::string aside = found.empty() ? "" : " (found " + below + ")";
  Headline line;
  switch (report.exit_code) {
    case 0:
      line = found.empty() ? Headline{Mood::good, "CLEAN", " ", "", ""}
                           : Headline{Mood::doubtful, "FOUND", " " + below + ", in ", "", ""};
      break;
    case 1:
      line = {Mood::bad, "FOUND", " " + found + " in ", "", ""};
      break;
    case 3:
      line = {Mood::doubtful, "INCOMPLETE", " ", aside, ""};
      break;
    default:
      line = {Mood::bad, "NO VERDICT", " on ", aside, ""};
      if (report.failures.empty()) line.after += ": nothing was scanned";
  }
  line.coverage = coverage_text(report);
  return line;
}

std::string review_counts(const Review& review) {
  const auto removed = static_cast<std::uint64_t>(
      std::count_if(review.packages.begin(), review.packages.end(),
                    [](const ReviewedPackage& one) { return one.change == "removed"; }));
  std::string text = counted(review.files_changed, "file") + " changed, " +
                     counted(review.packages.size() - removed, "package") + " added or changed";
  if (removed > 0) text += ", " + grouped(removed) + " removed";
  return text;
}

std::string package_text(const std::string& purl) {
  if (!purl.starts_with("pkg:")) return purl;
  const auto package = parse_package_name(purl);
  if (!package) return purl;
  std::string text = std::string(ecosystem_name(package->ecosystem)) + ":" + package->name;
  if (!package->version.empty()) text += "@" + package->version;
  return text;
}

std::string lockfile_text(const Finding& finding) {
  if (finding.lockfile.empty() || finding.lockfile_line == 0) return finding.lockfile;
  return finding.lockfile + ":" + std::to_string(finding.lockfile_line);
}

std::string file_text(const Trail& trail) {
  std::string text;
  for (const Step& step : trail.steps) {
    if (step.kind != Step::Kind::member) continue;
    if (!text.empty()) text += " › ";
    text += step.name;
  }
  return text.empty() ? trail.text() : text;
}

std::string package_change_text(const ReviewedPackage& package) {
  const std::string before = package_text(package.before);
  std::string after = package_text(package.after);
  if (before.empty() || before == after) return after;
  return after.empty() ? before : before + " to " + after;
}

std::string pack_text(const SignaturePack& pack) {
  return "pack " + pack.name + " version " + std::to_string(pack.version) + ", signed with key " +
         pack.key;
}

std::string suppression_text(const Suppression& suppression) {
  return suppression.kind == "baseline" ? "in the baseline" : suppression.kind;
}

}  // namespace minescan::report
