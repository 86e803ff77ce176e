// Workflow commands of GitHub Actions: annotations on the lines of a pull request.  GitHub shows 10
// of a kind for a step, so there are never more, and the last one says how many there are besides.
// A line here is a command or nothing.
#include <algorithm>
#include <string>
#include <vector>

#include "base/printable.h"
#include "report/encode.h"
#include "report/formats.h"
#include "report/github_encode.h"
#include "report/location.h"
#include "report/words.h"

namespace minescan::report {
namespace {

constexpr std::size_t kMostOfAKind = 10;
// Of the errors, when there are findings as well; of the warnings, for gaps when there are any.
constexpr std::size_t kMostFailures = 3;
constexpr std::size_t kGapsAtLeast = 3;

constexpr std::size_t kTitle = 200;
constexpr std::size_t kMessage = 2000;

class GithubWriter {
 public:
  GithubWriter(const Report& report, const Style& style) : report_(report), style_(style) {}

  std::string write() {
    const auto& failures = report_.failures;
    const auto& gaps = gaps_that_count();
    const auto errors = of_level(Level::error);
    std::size_t room = kMostOfAKind;
    const std::size_t shown =
        std::min(failures.size(), errors.empty() ? kMostOfAKind : kMostFailures);
    for (std::size_t i = 0; i < shown; ++i) failure(failures[i]);
    findings(errors, room - shown);
    const auto warnings = of_level(Level::warning);
    room -= std::min(gaps.size(), kGapsAtLeast);
    const std::size_t warned = findings(warnings, room);
    const std::size_t gaps_shown = std::min(gaps.size(), kMostOfAKind - warned);
    for (std::size_t i = 0; i < gaps_shown; ++i) gap(*gaps[i]);
    // The last line is a notice too.
    findings(of_level(Level::note), kMostOfAKind - 1);
    last_line(failures.size() - shown, gaps.size() - gaps_shown);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::vector<const Finding*> of_level(Level level) const {
    std::vector<const Finding*> chosen;
    for (const Finding* finding : counted_findings(report_)) {
      if (finding->level == level) chosen.push_back(finding);
    }
    return chosen;
  }

  [[nodiscard]] std::vector<const Gap*> gaps_that_count() const {
    std::vector<const Gap*> chosen;
    for (const Gap& gap : report_.coverage.gaps) {
      if (is_open(gap)) chosen.push_back(&gap);
    }
    return chosen;
  }

  std::size_t findings(const std::vector<const Finding*>& list, std::size_t room) {
    const std::size_t shown = std::min(list.size(), room);
    for (std::size_t i = 0; i < shown; ++i) finding(*list[i]);
    hidden_ += list.size() - shown;
    return shown;
  }

  static std::string_view kind(Level level) {
    return level == Level::error ? "error" : level == Level::warning ? "warning" : "notice";
  }

  void finding(const Finding& finding) {
    const Rule& rule = *finding.rule;
    WorkflowCommand command(kind(finding.level));
    const Location location = repository_location(report_, finding, style_);
    if (!location.path.empty()) {
      command.property("file", printable(location.path));
      command.property("line", std::to_string(location.region.line));
    }
    command.property("title", printable("minescan " + rule.id + ": " + rule.title, kTitle));
    std::string text = printable(finding.message, kMessage);
    if (!finding.package.empty()) {
      text += "\n" + printable(file_text(finding.trail), kMessage) + " in " +
              printable(package_text(finding.package), kTitle);
    }
    if (!finding.evidence.empty() && !finding.evidence.front().excerpt.empty()) {
      text += "\n" + printable(finding.evidence.front().excerpt, kMessage);
    }
    if (!rule.help.empty()) text += "\nWhat to do: " + printable(rule.help, kMessage);
    text += "\nFinding " + printable(finding.id, 80);
    out_ += command.text(text);
  }

  void failure(const Error& failure) {
    WorkflowCommand command("error");
    command.property("title", "minescan: no verdict on a part");
    out_ += command.text(printable(failure.what, kMessage));
  }

  void gap(const Gap& gap) {
    WorkflowCommand command("warning");
    command.property("title", "minescan: not looked into, " + std::string(gap_name(gap.reason)));
    std::string text = printable(gap.trail.text(), kMessage);
    if (!gap.detail.empty()) text += ": " + printable(gap.detail, kMessage);
    if (gap.bytes > 0) text += " (" + human_bytes(gap.bytes) + ")";
    out_ += command.text(text);
  }

  void last_line(std::size_t failures, std::size_t gaps) {
    const Headline head = headline(report_);
    WorkflowCommand command("notice");
    command.property("title", "minescan: " + head.word);
    std::string text = head.word + head.before + printable(report_.artifact.name, kTitle) +
                       head.after + ": " + head.coverage;
    if (report_.review) {
      const Review& review = *report_.review;
      text += "\nCompared " + printable(review.head, kTitle) + " with " +
              printable(review.base, kTitle) + ": " + review_counts(review);
    }
    std::string hidden;
    const auto add = [&](std::size_t count, std::string_view noun) {
      if (count > 0) hidden += (hidden.empty() ? "" : ", ") + counted(count, noun);
    };
    add(failures, "failure");
    add(hidden_, "finding");
    add(gaps, "gap");
    if (!hidden.empty()) {
      text += "\nNot shown here: " + hidden + "; the other reports of this scan have all (-o FILE)";
    }
    out_ += command.text(text);
  }

  const Report& report_;
  const Style& style_;
  std::size_t hidden_ = 0;  // findings
  std::string out_;
};

}  // namespace

std::string write_github(const Report& report, const Style& style) {
  return GithubWriter(report, style).write();
}

}  // namespace minescan::report
