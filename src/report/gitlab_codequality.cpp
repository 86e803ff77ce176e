// GitLab's Code Quality report: the widget of a merge request.  It has no place for what was not
// looked into, so gaps and failures are issues as well: silence never means clean.
#include <algorithm>

#include "base/printable.h"
#include "report/encode.h"
#include "report/formats.h"
#include "report/gitlab_parts.h"
#include "report/location.h"
#include "report/words.h"

namespace minescan::report {
namespace gitlab {

namespace {

constexpr std::size_t kMostGaps = 100;

std::string_view issue_severity(const Finding& finding) {
  const std::string_view name = severity(finding);
  return name == "Critical" ? "blocker"
         : name == "High"   ? "critical"
         : name == "Medium" ? "major"
                            : "minor";
}

struct Issue {
  std::string check, description, severity, fingerprint, path;
  std::uint64_t line = 1;
};

Json issue_json(const Issue& issue) {
  Json json = {{"type", "issue"},
               {"check_name", issue.check},
               {"description", issue.description},
               {"categories", {"Security"}},
               {"severity", issue.severity},
               {"fingerprint", issue.fingerprint}};
  json["location"]["path"] = issue.path;
  json["location"]["lines"] = {{"begin", issue.line}};
  return json;
}

class IssueWriter {
 public:
  IssueWriter(const Report& report, const Style& style) : report_(report), style_(style) {}

  std::string write() {
    const auto findings = worst_first(report_);
    const std::size_t shown = std::min(findings.size(), kMostFindings);
    for (std::size_t i = 0; i < shown; ++i) finding(*findings[i]);
    if (shown < findings.size()) {
      whole("minescan-left-out", "major",
            counted(findings.size() - shown, "finding") +
                " more than shown here; the JSON report has all");
    }
    for (const Error& failure : report_.failures) {
      besides("minescan-failure", "critical", "No verdict: " + failure.what, {});
    }
    for (const Gap& gap : report_.coverage.gaps) {
      if (!is_open(gap)) continue;
      std::string text = "Not looked into: " + gap.trail.text();
      if (!gap.detail.empty()) text += ", " + gap.detail;
      besides("minescan-gap", "major", text, gap.trail);
    }
    if (besides_ > kMostGaps) {
      whole(
          "minescan-left-out", "major",
          counted(besides_ - kMostGaps, "gap") + " more than shown here; the JSON report has all");
    }
    return write_document(list_);
  }

 private:
  void finding(const Finding& finding) {
    const Location location = shown_location(report_, finding, style_);
    std::string text = printable(finding.rule->title, 400);
    if (text.ends_with('.')) text.pop_back();
    text += ": " + printable(file_text(finding.trail), 1000);
    if (!finding.package.empty()) text += " in " + printable(package_text(finding.package), 400);
    list_.push_back(issue_json({.check = printable(finding.rule->id, 80),
                                .description = text,
                                .severity = std::string(issue_severity(finding)),
                                .fingerprint = occurrences_.fingerprint(finding.id),
                                .path = printable(location.path),
                                .line = location.region.line}));
  }

  // What concerns the artifact as such.
  void whole(const std::string& check, const std::string& severity, const std::string& text) {
    add(check, severity, text, {});
  }

  void besides(const std::string& check, const std::string& severity, const std::string& text,
               const Trail& trail) {
    if (++besides_ <= kMostGaps) add(check, severity, text, trail);
  }

  void add(const std::string& check, const std::string& severity, const std::string& text,
           const Trail& trail) {
    std::string path = printable(relative_path(trail.top_path()));
    if (path.empty()) path = artifact_kind_name(report_.artifact.kind);
    list_.push_back(issue_json({.check = check,
                                .description = printable(text, 1000),
                                .severity = severity,
                                .fingerprint = occurrences_.fingerprint(check + "\n" + text),
                                .path = path}));
  }

  const Report& report_;
  const Style& style_;
  Json list_ = Json::array();
  Occurrences occurrences_;
  std::size_t besides_ = 0;  // failures and gaps
};

}  // namespace
}  // namespace gitlab

std::string write_gitlab_codequality(const Report& report, const Style& style) {
  return gitlab::IssueWriter(report, style).write();
}

}  // namespace minescan::report
