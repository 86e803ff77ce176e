// One page for people who look into a finding: everything that was found, with all its evidence and
// every way to it, everything that was not looked into, and where the same wallet is elsewhere.
//
// The page stands alone: no script, no picture, nothing is fetched.  Its policy forbids browsers
// all of that, so that what is judged could not act even if a name of it came through unescaped.
#include <array>
#include <initializer_list>

#include "base/bytes.h"
#include "base/digest.h"
#include "report/encode.h"
#include "report/formats.h"
#include "report/html_encode.h"
#include "report/words.h"

namespace minescan::report {
namespace {

constexpr std::array<Level, 3> kLevels = {Level::error, Level::warning, Level::note};

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin-top: 2.5rem; border-bottom: 1px solid; }
h3 { font-size: 1rem; margin-top: 2rem; }
code { font-size: 0.9em; overflow-wrap: anywhere; }
article { margin: 1rem 0; padding: 0.5rem 1rem; border: 1px solid #8888; border-left-width: 5px; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.2rem 0.8rem 0.2rem 0; }
th { white-space: nowrap; font-weight: 600; }
summary { cursor: pointer; }
.error, .bad { border-color: #d1242f; }
.warning, .doubtful { border-color: #bf8700; }
.note { border-color: #0969da; }
.good { border-color: #1a7f37; }
.verdict { border-left: 8px solid; padding-left: 0.8rem; }
.verdict.bad { border-color: #d1242f; }
.verdict.doubtful { border-color: #bf8700; }
.verdict.good { border-color: #1a7f37; }
)";

std::string_view mood_name(Headline::Mood mood) {
  switch (mood) {
    case Headline::Mood::good:
      return "good";
    case Headline::Mood::doubtful:
      return "doubtful";
    case Headline::Mood::bad:
      break;
  }
  return "bad";
}

// "sha256-…" with base64, as a policy of contents names the only style that may apply.
std::string style_source() {
  const std::string digest = sha256(as_bytes(kStyle));
  std::string bytes;
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t at = digest.find(':') + 1; at + 1 < digest.size(); at += 2) {
    bytes += static_cast<char>(kDigits.find(digest[at]) << 4 | kDigits.find(digest[at + 1]));
  }
  return "sha256-" + base64(bytes);
}

std::string code(std::string_view text) { return html_element("code", text); }

std::string layer_text(const ImagePlace& place) {
  if (place.layer_digest.empty()) return html_text("the image configuration");
  return "layer " + std::to_string(place.layer_index + 1) + " of " +
         std::to_string(place.layer_count) + " " + code(place.layer_digest);
}

std::string state_text(const ImagePlace& place) {
  std::string text = html_text(state_name(place.state));
  if (place.state == State::present) return text;
  return text + (place.state == State::unreachable ? ": " : " by ") + code(place.hidden_by);
}

std::string position_text(const Evidence& evidence) {
  std::string text =
      evidence.line > 0 ? "line " + grouped(evidence.line) : "byte " + grouped(evidence.offset);
  if (evidence.count > 1) text += ", " + grouped(evidence.count) + " times in all";
  return text;
}

class HtmlWriter {
 public:
  explicit HtmlWriter(const Report& report) : report_(report) {}

  std::string write() {
    head();
    about();
    failures();
    for (const Level level : kLevels) findings(level);
    clusters();
    gaps();
    packages();
    suppressed();
    anomalies();
    notes();
    out_ += "</body>\n</html>\n";
    return std::move(out_);
  }

 private:
  using Cells = std::initializer_list<std::string>;  // encoded

  void line(const std::string& encoded) { out_.append(encoded).append("\n"); }

  void title(const std::string& text) { line(html_element("h2", text)); }

  void begin_table(std::initializer_list<std::string_view> names) {
    std::string row = "<table>\n<tr>";
    for (const std::string_view name : names) row += html_element("th", name);
    line(row + "</tr>");
  }
  void row(Cells cells) {
    std::string text = "<tr>";
    for (const std::string& cell : cells) text += "<td>" + cell + "</td>";
    line(text + "</tr>");
  }
  // A row of a table without a head: its name, then what it is.
  void fact(std::string_view name, const std::string& encoded) {
    line("<tr>" + html_element("th", name) + "<td>" + encoded + "</td></tr>");
  }
  void end_table() { line("</table>"); }

  void head() {
    const Headline verdict = headline(report_);
    line("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
    line(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; "
        "style-src &#39;" +
        style_source() + "&#39;\">");
    line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    line(html_element("title", "minescan: " + verdict.word + " in " + report_.artifact.name));
    line("<style>" + std::string(kStyle) + "</style>\n</head>\n<body>");
    line("<h1 class=\"verdict " + std::string(mood_name(verdict.mood)) +
         "\">minescan: " + html_text(verdict.word + verdict.before) + code(report_.artifact.name) +
         html_text(verdict.after) + "</h1>");
    line(html_element("p", verdict.coverage + "."));
  }

  void about() {
    line("<table>");
    if (report_.review) {
      fact("compared", code(report_.review->head) + " with " + code(report_.review->base) + ": " +
                           html_text(review_counts(*report_.review)));
    }
    if (!report_.artifact.digest.empty()) fact("digest", code(report_.artifact.digest));
    fact("minescan", code(report_.tool_version));
    std::string signatures = html_text(counted(report_.signatures_count, "rule"));
    if (!report_.signatures_digest.empty()) signatures += ", " + code(report_.signatures_digest);
    if (report_.signatures_pack) signatures += ", " + code(pack_text(*report_.signatures_pack));
    fact("signatures", signatures);
    end_table();
  }

  void failures() {
    if (report_.failures.empty()) return;
    title("Failures");
    line("<ul>");
    for (const Error& failure : report_.failures) line("<li>" + code(failure.what) + "</li>");
    line("</ul>");
  }

  // --- findings

  void findings(Level level) {
    const auto groups = findings_by_rule(report_, level);
    if (groups.empty()) return;
    std::size_t count = 0;
    for (const RuleFindings& group : groups) count += group.findings.size();
    title(counted(count, level_name(level)));
    for (const auto& [rule, members] : groups) {
      about_rule(*rule);
      for (const Finding* finding : members) one_finding(*finding);
    }
  }

  void about_rule(const Rule& rule) {
    line("<h3>" + code(rule.id) + " " + html_text(rule.title) + "</h3>");
    if (!rule.description.empty()) line(html_element("p", rule.description));
    if (!rule.help.empty()) line(html_element("p", "What to do: " + rule.help));
    std::string more;
    if (!rule.attack.empty()) more = "ATT&amp;CK " + code(rule.attack);
    for (const std::string& reference : rule.references) {
      more += (more.empty() ? "" : ", ") + html_link(reference);
    }
    if (!more.empty()) line("<p>" + more + "</p>");
  }

  void one_finding(const Finding& finding) {
    line("<article class=\"" + std::string(level_name(finding.level)) + "\">");
    line("<p>" + code(file_text(finding.trail)) + "</p>\n<table>");
    fact("finding", code(finding.id));
    if (finding.context != nullptr) {
      fact("level", html_text(std::string(level_name(finding.level)) + " here, " +
                              std::string(level_name(finding.rule->level)) +
                              " elsewhere: " + finding.context->title));
    }
    if (!finding.package.empty()) fact("package", code(package_text(finding.package)));
    if (!finding.lockfile.empty()) fact("lockfile", code(lockfile_text(finding)));
    if (!finding.digest.empty()) fact("digest", code(finding.digest));
    end_table();
    places(finding.places);
    evidence(finding.evidence);
    line("</article>");
  }

  void places(const std::vector<ImagePlace>& places) {
    if (places.empty()) return;
    begin_table({"platform", "where", "made by", "state"});
    for (const ImagePlace& place : places) {
      row({code(place.platform), layer_text(place),
           place.command.empty() ? "" : code(place.command), state_text(place)});
    }
    end_table();
  }

  void evidence(const std::vector<Evidence>& all) {
    begin_table({"evidence", "at", "of", "text"});
    for (const Evidence& one : all) {
      std::string text = one.excerpt.empty() ? "" : code(one.excerpt);
      for (const auto& [name, value] : one.captures) {
        text += (text.empty() ? "" : " ") + code(name + "=" + value);
      }
      row({code(one.indicator), position_text(one), code(one.trail.text()), text});
    }
    end_table();
  }

  // --- what else

  void clusters() {
    if (report_.clusters.empty()) return;
    title("The same in several files");
    begin_table({"what", "value", "files"});
    for (const Cluster& cluster : report_.clusters) {
      std::string files;
      for (const Trail& file : cluster.files) {
        files += (files.empty() ? "" : ", ") + code(file_text(file));
      }
      const std::string coin = cluster.coin.empty() ? "" : " (" + code(cluster.coin) + ")";
      row({html_text(cluster.kind), code(cluster.value) + coin, files});
    }
    end_table();
    if (report_.clusters_left_out > 0) {
      line(html_element("p", "and " + grouped(report_.clusters_left_out) + " more"));
    }
  }

  void gaps() {
    const auto& gaps = report_.coverage.gaps;
    if (gaps.empty()) return;
    title("Not looked into: " + counted(gaps.size(), "gap"));
    begin_table({"gap", "where", "why", "size", "accepted by"});
    for (const Gap& gap : gaps) {
      row({code(gap_name(gap.reason)), code(gap.trail.text()),
           gap.detail.empty() ? "" : code(gap.detail),
           gap.bytes > 0 ? html_text(human_bytes(gap.bytes)) : "",
           gap.accepted.empty() ? "" : code(gap.accepted)});
    }
    end_table();
  }

  void packages() {
    if (!report_.review || report_.review->packages.empty()) return;
    title("Packages");
    begin_table({"change", "package", "lockfile", "outcome"});
    for (const ReviewedPackage& package : report_.review->packages) {
      row({html_text(package.change), code(package_change_text(package)),
           code(package.lockfile + ":" + std::to_string(package.line)),
           html_text(package.outcome)});
    }
    end_table();
  }

  void suppressed() {
    const auto findings = suppressed_findings(report_);
    if (findings.empty()) return;
    title("Suppressed: " + counted(findings.size(), "finding"));
    begin_table({"level", "rule", "where", "finding", "why"});
    for (const Finding* finding : findings) {
      const Suppression& why = *finding->suppressed;
      std::string where = code(file_text(finding->trail));
      if (!finding->package.empty()) where += " in " + code(package_text(finding->package));
      row({html_text(level_name(finding->level)), code(finding->rule->id), where, code(finding->id),
           html_text(suppression_text(why) + (why.reason.empty() ? "" : ": " + why.reason))});
    }
    end_table();
  }

  void anomalies() {
    if (report_.anomalies.empty()) return;
    title("Odd, but looked into");
    begin_table({"where", "what"});
    for (const Anomaly& anomaly : report_.anomalies) {
      row({code(anomaly.trail.text()), html_text(anomaly.what)});
    }
    end_table();
  }

  void notes() {
    if (report_.artifact.notes.empty() && report_.policy_notes.empty()) return;
    title("Notes");
    line("<ul>");
    for (const auto* list : {&report_.artifact.notes, &report_.policy_notes}) {
      for (const std::string& note : *list) line(html_element("li", note));
    }
    line("</ul>");
  }

  const Report& report_;
  std::string out_;
};

}  // namespace

std::string write_html(const Report& report, const Style& /*style*/) {
  return HtmlWriter(report).write();
}

}  // namespace minescan::report
