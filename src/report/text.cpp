// The report for people.  The first line alone says what the exit code says; every name, excerpt
// and command goes through printable(), so that besides "\n" (and colours, when asked for) no byte
// that acts on a terminal or a CI log comes out.
#include <algorithm>
#include <array>
#include <map>

#include "base/printable.h"
#include "report/encode.h"
#include "report/formats.h"
#include "report/words.h"

namespace minescan::report {
namespace {

// What is shown of each list unless everything is asked for.
constexpr std::size_t kEvidenceShown = 3;
constexpr std::size_t kPlacesShown = 4;
constexpr std::size_t kGapsShown = 20;
constexpr std::size_t kPackagesShown = 20;
constexpr std::size_t kClustersShown = 10;

constexpr std::array<Level, 3> kLevels = {Level::error, Level::warning, Level::note};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string short_digest(std::string_view digest) {
  const std::size_t colon = digest.find(':');
  return printable(colon == std::string_view::npos ? digest : digest.substr(0, colon + 1 + 12), 80);
}

std::string trail_text(const Trail& trail) { return printable(trail.text()); }
std::string where(const Trail& trail) { return printable(file_text(trail)); }

class TextWriter {
 public:
  TextWriter(const Report& report, const Style& style) : report_(report), style_(style) {}

  std::string write() {
    first_line();
    review_line();
    origin();
    failures();
    for (const Level level : kLevels) findings(level);
    clusters();
    gaps();
    packages();
    anomalies();
    suppressed();
    notes();
    return std::move(out_);
  }

 private:
  enum class Paint { red, yellow, cyan, green, bold };

  [[nodiscard]] std::string painted(Paint paint, const std::string& text) const {
    if (!style_.colour) return text;
    static constexpr std::array<std::string_view, 5> kCodes = {"\x1b[1;31m", "\x1b[1;33m",
                                                               "\x1b[36m", "\x1b[1;32m", "\x1b[1m"};
    return std::string(kCodes.at(static_cast<std::size_t>(paint))) + text + "\x1b[0m";
  }

  [[nodiscard]] static Paint paint_of(Level level) {
    return level == Level::error     ? Paint::red
           : level == Level::warning ? Paint::yellow
                                     : Paint::cyan;
  }

  void line(std::size_t indent, const std::string& text) {
    out_.append(indent, ' ').append(text).append("\n");
  }

  void more(std::size_t indent, std::size_t hidden) {
    if (hidden > 0) line(indent, "and " + grouped(hidden) + " more (-v shows all)");
  }

  [[nodiscard]] std::size_t shown(std::size_t size, std::size_t most) const {
    return style_.verbose ? size : std::min(size, most);
  }

  // --- the head

  void first_line() {
    const Headline head = headline(report_);
    const Paint paint = head.mood == Headline::Mood::good       ? Paint::green
                        : head.mood == Headline::Mood::doubtful ? Paint::yellow
                                                                : Paint::red;
    line(0, painted(paint, head.word) + head.before + printable(report_.artifact.name) +
                head.after + " — " + head.coverage);
  }

  void review_line() {
    if (!report_.review) return;
    const Review& review = *report_.review;
    line(0, "compared " + printable(review.head, 300) + " with " + printable(review.base, 300) +
                ": " + review_counts(review));
  }

  void origin() {
    std::string text;
    if (!report_.artifact.digest.empty()) text = printable(report_.artifact.digest, 200) + ", ";
    text += "minescan " + printable(report_.tool_version, 80) + " with " +
            counted(report_.signatures_count, "rule");
    if (!report_.signatures_digest.empty()) {
      text += " (" + short_digest(report_.signatures_digest) + ")";
    }
    if (report_.signatures_pack) text += ", of " + pack_text(*report_.signatures_pack);
    line(0, text);
  }

  void failures() {
    if (report_.failures.empty()) return;
    line(0, "");
    line(0, painted(Paint::red, "Failures"));
    for (const Error& failure : report_.failures) line(2, printable(failure.what) + ".");
  }

  // --- findings

  void findings(Level level) {
    // The help stands once, below a rule's findings.
    for (const auto& [rule, members] : findings_by_rule(report_, level)) {
      line(0, "");
      line(0, painted(paint_of(level), upper(level_name(level)) + " " + printable(rule->id, 80)) +
                  " " + painted(Paint::bold, printable(rule->title)));
      for (const Finding* finding : members) one_finding(*finding);
      if (!rule->help.empty()) line(2, "What to do: " + printable(rule->help));
    }
  }

  void one_finding(const Finding& finding) {
    line(2, where(finding.trail) + "  [" + printable(finding.id, 80) + "]");
    if (!finding.package.empty()) line(4, package_place(finding));
    if (finding.context != nullptr) {
      line(4, std::string(level_name(finding.level)) + " here, " +
                  std::string(level_name(finding.rule->level)) +
                  " elsewhere: " + printable(finding.context->title));
    }
    const std::size_t places = shown(finding.places.size(), kPlacesShown);
    for (std::size_t i = 0; i < places; ++i) place(finding.places[i]);
    more(4, finding.places.size() - places);
    const std::size_t evidence = shown(finding.evidence.size(), kEvidenceShown);
    for (std::size_t i = 0; i < evidence; ++i) one_evidence(finding, finding.evidence[i]);
    more(4, finding.evidence.size() - evidence);
  }

  // "in npm:demo@1.2.3, package-lock.json:412"
  static std::string package_place(const Finding& finding) {
    std::string text = "in " + printable(package_text(finding.package), 400);
    if (!finding.lockfile.empty()) text += ", " + printable(lockfile_text(finding), 1000);
    return text;
  }

  void clusters() {
    if (report_.clusters.empty()) return;
    line(0, "");
    line(0, painted(Paint::bold, "The same in several files"));
    const std::size_t count = shown(report_.clusters.size(), kClustersShown);
    for (std::size_t i = 0; i < count; ++i) {
      const Cluster& cluster = report_.clusters[i];
      line(2, printable(cluster.kind, 80) + " " + printable(cluster.value) +
                  (cluster.coin.empty() ? "" : " (" + printable(cluster.coin, 80) + ")") + " in " +
                  counted(cluster.files.size(), "file"));
      const std::size_t files = shown(cluster.files.size(), kPlacesShown);
      for (std::size_t j = 0; j < files; ++j) line(4, where(cluster.files[j]));
      more(4, cluster.files.size() - files);
    }
    more(2, report_.clusters.size() - count + report_.clusters_left_out);
  }

  void place(const ImagePlace& place) {
    std::string text = "in the image configuration, ";
    if (!place.layer_digest.empty()) {
      text = "in layer " + std::to_string(place.layer_index + 1) + " of " +
             std::to_string(place.layer_count) + ", " + short_digest(place.layer_digest) + ", ";
    }
    text += printable(place.platform, 200);
    switch (place.state) {
      case State::present:
        break;
      case State::overwritten:
      case State::deleted:
        text += ", " + std::string(state_name(place.state)) + " by " + printable(place.hidden_by);
        break;
      case State::unreachable:
        text += ", unreachable: " + printable(place.hidden_by);
        break;
    }
    line(4, text);
    if (!place.command.empty()) line(6, "made by: " + printable(place.command));
  }

  void one_evidence(const Finding& finding, const Evidence& evidence) {
    std::string text = printable(evidence.indicator, 200);
    if (evidence.line > 0) {
      text += " in line " + std::to_string(evidence.line);
    } else {
      text += " at byte " + std::to_string(evidence.offset);
    }
    // The view of a change is called as its line is.
    const bool said = evidence.view == ViewKind::change && evidence.line > 0;
    if (const std::string inside = inside_file(finding, evidence); !said && !inside.empty()) {
      text += " of " + inside;
    }
    if (!evidence.captures.empty()) {
      std::string captures;
      for (const auto& [name, value] : evidence.captures) {
        captures += (captures.empty() ? "" : ", ") + printable(name, 80) + "=" + printable(value);
      }
      text += " (" + captures + ")";
    }
    if (evidence.count > 1) text += ", " + grouped(evidence.count) + " times in all";
    line(4, text);
    if (!evidence.excerpt.empty()) line(6, "| " + printable(evidence.excerpt));
  }

  // How to get from the finding's file to the evidence; the whole trail when it lies elsewhere.
  [[nodiscard]] static std::string inside_file(const Finding& finding, const Evidence& evidence) {
    const auto& file = finding.trail.steps;
    const auto& steps = evidence.trail.steps;
    if (steps.size() < file.size() || !std::equal(file.begin(), file.end(), steps.begin())) {
      return trail_text(evidence.trail);
    }
    return trail_text({{steps.begin() + static_cast<std::ptrdiff_t>(file.size()), steps.end()}});
  }

  // --- what else

  void gaps() {
    const auto& gaps = report_.coverage.gaps;
    if (gaps.empty()) return;
    line(0, "");
    line(0, painted(Paint::yellow, "Not looked into: " + counted(gaps.size(), "gap")));
    const std::size_t shown_gaps = shown(gaps.size(), kGapsShown);
    for (std::size_t i = 0; i < shown_gaps; ++i) {
      const Gap& gap = gaps[i];
      std::string text = std::string(gap_name(gap.reason)) + "  " + trail_text(gap.trail);
      if (!gap.detail.empty()) text += ": " + printable(gap.detail);
      if (gap.bytes > 0) text += " (" + human_bytes(gap.bytes) + ")";
      if (!gap.accepted.empty()) text += ", accepted by " + printable(gap.accepted);
      line(2, text);
    }
    std::map<std::string_view, std::uint64_t> rest;
    for (std::size_t i = shown_gaps; i < gaps.size(); ++i) ++rest[gap_name(gaps[i].reason)];
    for (const auto& [reason, count] : rest) {
      line(2, "and " + grouped(count) + " more " + std::string(reason) + " (-v shows all)");
    }
  }

  void anomalies() {
    const auto& anomalies = report_.anomalies;
    if (anomalies.empty()) return;
    line(0, "");
    line(0, painted(Paint::bold, "Odd, but looked into"));
    const std::size_t shown_anomalies = shown(anomalies.size(), kGapsShown);
    for (std::size_t i = 0; i < shown_anomalies; ++i) {
      line(2, trail_text(anomalies[i].trail) + ": " + printable(anomalies[i].what));
    }
    more(2, anomalies.size() - shown_anomalies);
  }

  void packages() {
    if (!report_.review || report_.review->packages.empty()) return;
    const auto& packages = report_.review->packages;
    line(0, "");
    line(0, painted(Paint::bold, "Packages"));
    const std::size_t count = shown(packages.size(), kPackagesShown);
    for (std::size_t i = 0; i < count; ++i) {
      const ReviewedPackage& package = packages[i];
      std::string text =
          printable(package.change, 80) + "  " + printable(package_change_text(package), 400);
      if (!package.lockfile.empty()) {
        text += ", " + printable(package.lockfile, 1000) + ":" + std::to_string(package.line);
      }
      if (package.outcome != package.change) text += ": " + printable(package.outcome, 400);
      line(2, text);
    }
    more(2, packages.size() - count);
  }

  // What does not count is not among the findings, and not hidden either.
  void suppressed() {
    const auto findings = suppressed_findings(report_);
    if (findings.empty()) return;
    line(0, "");
    line(0, painted(Paint::bold, "Suppressed: " + counted(findings.size(), "finding")));
    const std::size_t count = shown(findings.size(), kGapsShown);
    for (std::size_t i = 0; i < count; ++i) {
      const Finding& finding = *findings[i];
      std::string text = std::string(level_name(finding.level)) + " " +
                         printable(finding.rule->id, 80) + " " + where(finding.trail);
      if (!finding.package.empty()) text += " " + package_place(finding);
      text += "  [" + printable(finding.id, 80) + "] " +
              printable(suppression_text(*finding.suppressed), 80);
      if (!finding.suppressed->reason.empty()) {
        text += ": " + printable(finding.suppressed->reason, 400);
      }
      line(2, text);
    }
    more(2, findings.size() - count);
  }

  void notes() {
    if (report_.artifact.notes.empty() && report_.policy_notes.empty()) return;
    line(0, "");
    line(0, painted(Paint::bold, "Notes"));
    for (const std::string& note : report_.artifact.notes) line(2, printable(note));
    for (const std::string& note : report_.policy_notes) line(2, printable(note));
  }

  const Report& report_;
  const Style& style_;
  std::string out_;
};

}  // namespace

std::string write_text(const Report& report, const Style& style) {
  return TextWriter(report, style).write();
}

}  // namespace minescan::report
