// Markdown for a comment on a pull request and for a job's summary: the verdict first, the worst
// first, and never longer than a comment may be.  Every section has its share of the room; what
// does not fit is counted.
//
// The first line ends in a marker by which a bot finds its own comment again.
#include <algorithm>
#include <array>

#include "report/encode.h"
#include "report/formats.h"
#include "report/markdown_encode.h"
#include "report/words.h"

namespace minescan::report {
namespace {

constexpr std::string_view kMarker = "<!-- minescan -->";
constexpr std::array<Level, 3> kLevels = {Level::error, Level::warning, Level::note};

// GitHub takes 65,536 characters.  These are bytes, of which a text has at least as many as UTF-16
// units or code points.
constexpr std::size_t kMostBytes = 65'536;
constexpr std::size_t kHead = 4'000;  // the lines before the first section, and the last one
constexpr std::size_t kFailures = 4'000;
constexpr std::size_t kFindings = 33'000;
constexpr std::size_t kClusters = 3'000;
constexpr std::size_t kGaps = 7'000;
constexpr std::size_t kPackages = 7'000;
constexpr std::size_t kSuppressed = 3'000;
constexpr std::size_t kOthers = 2'000;  // oddities, and notes
static_assert(kHead + kFailures + kFindings + kClusters + kGaps + kPackages + kSuppressed +
                  2 * kOthers <=
              kMostBytes);
// Of a section's room, for its last line.
constexpr std::size_t kLastLine = 200;

// What a review says of packages in our own words.
constexpr std::array<std::string_view, 5> kChanges = {"added", "removed", "version", "integrity",
                                                      "source"};
constexpr std::array<std::string_view, 4> kOutcomes = {"scanned", "removed", "in the tree",
                                                       "bundled"};

constexpr std::size_t kEvidenceShown = 2;
constexpr std::size_t kFilesShown = 4;

std::string code(std::string_view text, std::size_t limit = 400) {
  return markdown_code(text, limit);
}

// Our own words stay words; what is none of them becomes a cell of code.
template <std::size_t N>
std::string word_or_cell(const std::array<std::string_view, N>& words, const std::string& text) {
  const bool known = std::find(words.begin(), words.end(), text) != words.end();
  return known ? text : markdown_cell(text, 200);
}

std::string place_text(const ImagePlace& place) {
  std::string text = "in the image configuration";
  if (!place.layer_digest.empty()) {
    text = "in layer " + std::to_string(place.layer_index + 1) + " of " +
           std::to_string(place.layer_count);
  }
  text += " for " + code(place.platform, 80);
  if (place.state != State::present) {
    text += ", " + std::string(state_name(place.state)) +
            (place.state == State::unreachable ? ": " : " by ") + code(place.hidden_by, 200);
  }
  if (!place.command.empty()) text += ", made by " + code(place.command, 200);
  return text;
}

std::string evidence_text(const Evidence& evidence) {
  std::string text = code(evidence.indicator, 80);
  text += evidence.line > 0 ? " in line " + std::to_string(evidence.line)
                            : " at byte " + std::to_string(evidence.offset);
  if (evidence.count > 1) text += ", " + grouped(evidence.count) + " times in all";
  if (!evidence.excerpt.empty()) text += ": " + code(evidence.excerpt, 300);
  return text;
}

std::string package_place(const Finding& finding) {
  std::string text = " in " + code(package_text(finding.package), 300);
  if (!finding.lockfile.empty()) text += ", " + code(lockfile_text(finding));
  return text;
}

std::string finding_block(const Finding& finding) {
  std::string text = "- " + code(file_text(finding.trail));
  if (!finding.package.empty()) text += package_place(finding);
  if (!finding.places.empty()) text += " " + place_text(finding.places.front());
  if (finding.places.size() > 1) {
    text += ", and in " + counted(finding.places.size() - 1, "more place");
  }
  text += ", finding " + code(finding.id, 80) + "\n";
  if (finding.context != nullptr) {
    text += "  - " + std::string(level_name(finding.level)) + " here, " +
            std::string(level_name(finding.rule->level)) +
            " elsewhere: " + markdown_prose(finding.context->title) + "\n";
  }
  const std::size_t evidence = std::min(finding.evidence.size(), kEvidenceShown);
  for (std::size_t i = 0; i < evidence; ++i) {
    text += "  - " + evidence_text(finding.evidence[i]) + "\n";
  }
  return text;
}

std::string rule_block(Level level, const Rule& rule) {
  std::string text = "\n**" + std::string(level_name(level)) + "** " + code(rule.id, 80) + " " +
                     markdown_prose(rule.title) + "\n";
  if (!rule.help.empty()) text += "\nWhat to do: " + markdown_prose(rule.help) + "\n";
  return text + "\n";
}

class MarkdownWriter {
 public:
  explicit MarkdownWriter(const Report& report) : report_(report) {}

  std::string write() {
    head();
    failures();
    findings();
    clusters();
    gaps();
    packages();
    suppressed();
    anomalies();
    notes();
    last_line();
    return std::move(out_);
  }

 private:
  // Lists what fits into `room` bytes; returns how many of `count` that are.  The title is part of
  // the room.
  template <class Block>
  std::size_t list(std::size_t room, const std::string& title, std::size_t count,
                   const Block& block) {
    const std::size_t end = out_.size() + room - kLastLine;
    out_ += title;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string text = block(i);
      if (out_.size() + text.size() > end) return i;
      out_ += text;
    }
    return count;
  }

  void more(std::size_t hidden, std::string_view noun) {
    if (hidden == 0) return;
    out_ += "\nNot shown here: " + counted(hidden, "more " + std::string(noun)) +
            "; the JSON report has all.\n";
  }

  // A section that is folded until someone opens it.  The blank lines end the HTML.
  static std::string folded(const std::string& title) {
    return "\n<details><summary>" + title + "</summary>\n\n";
  }
  void close() { out_ += "\n</details>\n"; }

  void head() {
    const Headline head = headline(report_);
    out_ += "### minescan: " + head.word + head.before + code(report_.artifact.name, 300) +
            head.after + " ";
    out_.append(kMarker).append("\n\n");
    std::string coverage = head.coverage;
    if (!coverage.empty() && coverage[0] == 's') coverage[0] = 'S';  // "Scanned …"
    out_ += coverage + ".\n";
    if (!report_.review) return;
    const Review& review = *report_.review;
    out_ += "\nCompared " + code(review.head, 200) + " with " + code(review.base, 200) + ": " +
            review_counts(review) + ".\n";
  }

  void failures() {
    const auto& failures = report_.failures;
    if (failures.empty()) return;
    const std::size_t shown = list(kFailures, "\n**Failures**\n\n", failures.size(), [&](auto i) {
      return "- " + code(failures[i].what, 600) + "\n";
    });
    more(failures.size() - shown, "failure");
  }

  // A rule's findings stand together below its title.
  [[nodiscard]] std::vector<const Finding*> by_rule() const {
    std::vector<const Finding*> all;
    for (const Level level : kLevels) {
      for (const RuleFindings& group : findings_by_rule(report_, level)) {
        all.insert(all.end(), group.findings.begin(), group.findings.end());
      }
    }
    return all;
  }

  void findings() {
    const std::vector<const Finding*> all = by_rule();
    const std::size_t shown = list(kFindings, "", all.size(), [&](auto i) {
      const Finding& finding = *all[i];
      const bool starts =
          i == 0 || all[i - 1]->rule != finding.rule || all[i - 1]->level != finding.level;
      return (starts ? rule_block(finding.level, *finding.rule) : "") + finding_block(finding);
    });
    more(all.size() - shown, "finding");
  }

  void clusters() {
    const auto& clusters = report_.clusters;
    if (clusters.empty()) return;
    const std::size_t shown =
        list(kClusters, "\n**The same in several files**\n\n", clusters.size(), [&](auto i) {
          const Cluster& cluster = clusters[i];
          std::string text = "- " + code(cluster.kind, 80) + " " + code(cluster.value, 200) +
                             " in " + counted(cluster.files.size(), "file") + ": ";
          const std::size_t files = std::min(cluster.files.size(), kFilesShown);
          for (std::size_t j = 0; j < files; ++j) {
            text += (j == 0 ? "" : ", ") + code(file_text(cluster.files[j]), 200);
          }
          return text + (files < cluster.files.size() ? " …\n" : "\n");
        });
    more(clusters.size() - shown + report_.clusters_left_out, "value");
  }

  void gaps() {
    const auto& gaps = report_.coverage.gaps;
    if (gaps.empty()) return;
    const std::string title = "\n**Not looked into: " + counted(gaps.size(), "gap") + "**\n\n";
    // What was left out as asked comes last.
    std::vector<const Gap*> order;
    order.reserve(gaps.size());
    for (const Gap& gap : gaps) order.push_back(&gap);
    std::stable_sort(order.begin(), order.end(),
                     [](const Gap* a, const Gap* b) { return is_open(*a) > is_open(*b); });
    const std::size_t shown = list(kGaps, title, order.size(), [&](auto i) {
      const Gap& gap = *order[i];
      std::string text =
          "- " + std::string(gap_name(gap.reason)) + " " + code(gap.trail.text(), 600);
      if (!gap.detail.empty()) text += ": " + code(gap.detail);
      if (gap.bytes > 0) text += " (" + human_bytes(gap.bytes) + ")";
      if (!gap.accepted.empty()) text += ", accepted by " + code(gap.accepted);
      return text + "\n";
    });
    more(gaps.size() - shown, "gap");
  }

  void packages() {
    if (!report_.review || report_.review->packages.empty()) return;
    std::vector<const ReviewedPackage*> order;
    for (const ReviewedPackage& package : report_.review->packages) order.push_back(&package);
    const auto rank = [](const ReviewedPackage& package) {
      if (package.change == "removed") return 2;
      return package.outcome.starts_with("not scanned") ? 0 : 1;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto* a, const auto* b) { return rank(*a) < rank(*b); });
    const std::string title = folded("Packages: " + grouped(order.size())) +
                              "| change | package | lockfile | outcome |\n|---|---|---|---|\n";
    const std::size_t shown = list(kPackages, title, order.size(), [&](auto i) {
      const ReviewedPackage& package = *order[i];
      return "| " + word_or_cell(kChanges, package.change) + " | " +
             markdown_cell(package_change_text(package), 300) + " | " +
             markdown_cell(package.lockfile + ":" + std::to_string(package.line), 300) + " | " +
             word_or_cell(kOutcomes, package.outcome) + " |\n";
    });
    more(order.size() - shown, "package");
    close();
  }

  void suppressed() {
    const auto findings = suppressed_findings(report_);
    if (findings.empty()) return;
    const std::string title = folded("Suppressed: " + counted(findings.size(), "finding"));
    const std::size_t shown = list(kSuppressed, title, findings.size(), [&](auto i) {
      const Finding& finding = *findings[i];
      std::string text = "- " + std::string(level_name(finding.level)) + " " +
                         code(finding.rule->id, 80) + " " + code(file_text(finding.trail));
      if (!finding.package.empty()) text += package_place(finding);
      text += ", " + code(suppression_text(*finding.suppressed), 80);
      if (!finding.suppressed->reason.empty()) text += ": " + code(finding.suppressed->reason);
      return text + "\n";
    });
    more(findings.size() - shown, "finding");
    close();
  }

  void anomalies() {
    const auto& anomalies = report_.anomalies;
    if (anomalies.empty()) return;
    const std::string title = folded("Odd, but looked into: " + grouped(anomalies.size()));
    const std::size_t shown = list(kOthers, title, anomalies.size(), [&](auto i) {
      return "- " + code(anomalies[i].trail.text()) + ": " + code(anomalies[i].what) + "\n";
    });
    more(anomalies.size() - shown, "oddity");
    close();
  }

  void notes() {
    std::vector<std::string> notes = report_.artifact.notes;
    notes.insert(notes.end(), report_.policy_notes.begin(), report_.policy_notes.end());
    if (notes.empty()) return;
    const std::size_t shown = list(kOthers, folded("Notes"), notes.size(),
                                   [&](auto i) { return "- " + code(notes[i]) + "\n"; });
    more(notes.size() - shown, "note");
    close();
  }

  void last_line() {
    out_ += "\nminescan " + code(report_.tool_version, 80) + " with " +
            counted(report_.signatures_count, "rule");
    if (!report_.signatures_digest.empty()) out_ += ", " + code(report_.signatures_digest, 80);
    if (report_.signatures_pack) out_ += ", " + code(pack_text(*report_.signatures_pack), 160);
    out_ += ".\n";
  }

  const Report& report_;
  std::string out_;
};

}  // namespace

std::string write_markdown(const Report& report, const Style& /*style*/) {
  return MarkdownWriter(report).write();
}

}  // namespace minescan::report
