// GitLab's security report, schema 15.0.7: container scanning for images, dependency scanning for
// anything else.  GitLab tells vulnerabilities apart by type, location (the operating system and
// the package's name, or the file and the package's name) and first identifier: so the name of a
// "package" is the path of the file, or that of the package and of the file in it.
#include <algorithm>
#include <array>
#include <map>

#include "base/digest.h"
#include "base/printable.h"
#include "model/dependency.h"
#include "report/encode.h"
#include "report/formats.h"
#include "report/gitlab_parts.h"
#include "report/location.h"
#include "report/markdown_encode.h"
#include "report/sarif_parts.h"
#include "report/words.h"

namespace minescan::report {
namespace gitlab {

std::string_view severity(const Finding& finding) {
  const std::string_view score = sarif::security_severity(finding.level, finding.rule->confidence);
  return score >= "9" ? "Critical" : score >= "7" ? "High" : score >= "4" ? "Medium" : "Low";
}

std::vector<const Finding*> worst_first(const Report& report) {
  std::vector<const Finding*> findings = counted_findings(report);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding* a, const Finding* b) { return a->level > b->level; });
  return findings;
}

std::string Occurrences::fingerprint(const std::string& text) {
  const std::size_t number = ++seen_[text];
  const std::string unique = "minescan\n" + text + "\n" + std::to_string(number);
  return sha256(as_bytes(unique)).substr(std::string_view("sha256:").size(), 32);
}

namespace {

constexpr std::string_view kVersion = "15.0.7";
// The format demands times.  Where none are wanted every report has these.
constexpr std::string_view kNoTime = "1970-01-01T00:00:00";
constexpr std::size_t kMostMessages = 100;
constexpr std::size_t kMostEvidenceShown = 3;

// RFC 4122, version 5, of 32 hex digits in a namespace of minescan's own.
std::string uuid(const std::string& fingerprint) {
  static constexpr std::array<std::uint8_t, 16> kNamespace = {0x6d, 0x69, 0x6e, 0x65, 0x73, 0x63,
                                                              0x4a, 0x6e, 0x8f, 0x1d, 0x52, 0x7c,
                                                              0x0e, 0xa3, 0x44, 0xb9};
  Hasher hasher("sha1");
  hasher.update(std::as_bytes(std::span(kNamespace)));
  hasher.update(as_bytes(fingerprint));
  std::string hex = hasher.finish().substr(std::string_view("sha1:").size(), 32);
  hex[12] = '5';
  static constexpr std::string_view kVariant = "89ab";
  const char c = hex[16];
  const int value = c <= '9' ? c - '0' : c - 'a' + 10;
  hex[16] = kVariant[static_cast<std::size_t>(value % 4)];
  for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
  return hex;
}

// GitLab takes neither a zone nor a fraction.
std::string time_of(std::string_view utc) {
  if (utc.ends_with('Z')) utc.remove_suffix(1);
  return std::string(utc.empty() ? kNoTime : utc);
}

Json tool(const Report& report) {
  Json json = {{"id", "minescan"}, {"name", "minescan"}};
  const std::string version = printable(report.tool_version, 80);
  json["version"] = version.empty() ? "unknown" : version;
  json["vendor"] = {{"name", "minescan"}};
  json["url"] = sarif::kHomePage;
  return json;
}

// What a scan has to say besides findings; the last one counts what there is no room for.
Json messages(const Report& report, std::size_t left_out) {
  Json list = Json::array();
  std::size_t hidden = 0;
  const auto put = [&](std::string_view level, const std::string& text) {
    list.push_back({{"level", level}, {"value", printable(text, 1000)}});
  };
  const auto add = [&](std::string_view level, const std::string& text) {
    if (list.size() < kMostMessages) {
      put(level, text);
    } else {
      ++hidden;
    }
  };
  const Headline head = headline(report);
  put(report.exit_code == 0 ? "info" : "warn", head.word + head.before +
                                                   printable(report.artifact.name, 300) +
                                                   head.after + ": " + head.coverage);
  for (const Error& failure : report.failures) add("fatal", "Failure: " + failure.what);
  for (const Gap& gap : report.coverage.gaps) {
    std::string text = "Not looked into: " + gap.trail.text();
    if (!gap.detail.empty()) text += ", " + gap.detail;
    if (!gap.accepted.empty()) text += ", accepted by " + gap.accepted;
    add(is_open(gap) ? "warn" : "info", text);
  }
  if (report.review) add("info", "Compared: " + review_counts(*report.review));
  for (const std::string& note : report.policy_notes) add("info", "Note: " + note);
  if (hidden > 0) put("warn", counted(hidden, "more message") + "; the JSON report has all");
  if (left_out > 0) {
    put("warn", counted(left_out, "finding") + " more than shown here; the JSON report has all");
  }
  return list;
}

Json identifiers(const Rule& rule) {
  const std::string id = printable(rule.id, 80);
  Json list = Json::array();
  list.push_back({{"type", "minescan_rule_id"}, {"name", id}, {"value", id}});
  // Embedded malicious code.
  if (rule.level == Level::error) {
    list.push_back({{"type", "cwe"},
                    {"name", "CWE-506"},
                    {"value", "506"},
                    {"url", "https://cwe.mitre.org/data/definitions/506.html"}});
  }
  return list;
}

std::string description(const Finding& finding) {
  std::string text = "Found in " + markdown_code(file_text(finding.trail), 1000);
  if (!finding.package.empty()) text += " of " + markdown_code(package_text(finding.package));
  if (!finding.lockfile.empty()) text += ", " + markdown_code(lockfile_text(finding), 1000);
  text += ".\n\n";
  const std::size_t shown = std::min(finding.evidence.size(), kMostEvidenceShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Evidence& evidence = finding.evidence[i];
    text += "- " + markdown_code(evidence.indicator, 80);
    if (!evidence.excerpt.empty()) text += ": " + markdown_code(evidence.excerpt);
    text += "\n";
  }
  if (!finding.rule->description.empty()) {
    text += "\nWhy: " + markdown_prose(finding.rule->description, 4000) + "\n";
  }
  return text + "\nFinding " + markdown_code(finding.id, 80) + ".\n";
}

Json dependency(std::string name, std::string version) {
  if (name.empty()) name = "unknown";
  if (version.empty()) version = "unknown";
  Json json;
  json["package"] = {{"name", std::move(name)}};
  json["version"] = std::move(version);
  return json;
}

Json location(const Report& report, const Finding& finding, const std::string& platform,
              const Style& style) {
  const std::string file = printable(file_text(finding.trail));
  const std::string digest = printable(finding.digest, 200);
  Json json;
  if (report.artifact.kind == Artifact::Kind::image) {
    const std::string image = printable(report.artifact.name, 1000);
    json["dependency"] = dependency(file, digest);
    json["operating_system"] = platform.empty() ? "unknown" : printable(platform, 200);
    json["image"] = image.empty() ? "unknown" : image;
    return json;
  }
  json["file"] = printable(shown_location(report, finding, style).path);
  const auto package = parse_package_name(finding.package);
  if (!package) {
    json["dependency"] = dependency(file, digest);
  } else {
    json["dependency"] =
        dependency(printable(package->name, 400) + "/" + file, printable(package->version, 200));
  }
  return json;
}

std::string title(const Rule& rule) {
  std::string text = printable(rule.title.empty() ? rule.id : rule.title, 230);
  if (text.ends_with('.')) text.pop_back();
  return text.empty() ? "minescan" : text;
}

Json vulnerability(const Report& report, const Finding& finding, const std::string& platform,
                   const Style& style, Occurrences& occurrences) {
  const Rule& rule = *finding.rule;
  Json json = {{"id", uuid(occurrences.fingerprint(finding.id + "\n" + platform))},
               {"name", title(rule)},
               {"description", description(finding)},
               {"severity", severity(finding)}};
  if (!rule.help.empty()) json["solution"] = markdown_prose(rule.help, 4000);
  json["identifiers"] = identifiers(rule);
  json["links"] = Json::array();
  for (const std::string& reference : rule.references) {
    if (sarif::is_plain_url(reference)) json["links"].push_back({{"url", reference}});
  }
  json["location"] = location(report, finding, platform, style);
  return json;
}

// Those that use what was found; {""} when that does not matter.
std::vector<std::string> platforms(const Finding& finding) {
  std::vector<std::string> names;
  for (const ImagePlace& place : finding.places) {
    if (std::find(names.begin(), names.end(), place.platform) == names.end()) {
      names.push_back(place.platform);
    }
  }
  if (names.empty()) names.emplace_back();
  return names;
}

}  // namespace
}  // namespace gitlab

std::string write_gitlab(const Report& report, const Style& style) {
  Json list = Json::array();
  gitlab::Occurrences occurrences;
  std::size_t left_out = 0;
  for (const Finding* finding : gitlab::worst_first(report)) {
    for (const std::string& platform : gitlab::platforms(*finding)) {
      if (list.size() >= gitlab::kMostFindings) {
        ++left_out;
        continue;
      }
      list.push_back(gitlab::vulnerability(report, *finding, platform, style, occurrences));
    }
  }
  const bool image = report.artifact.kind == Artifact::Kind::image;
  Json scan = {{"analyzer", gitlab::tool(report)},
               {"scanner", gitlab::tool(report)},
               {"type", image ? "container_scanning" : "dependency_scanning"},
               {"start_time", gitlab::time_of(style.start_time)},
               {"end_time", gitlab::time_of(style.end_time)},
               {"status", report.exit_code == 2 ? "failure" : "success"}};
  scan["messages"] = gitlab::messages(report, left_out);
  Json json = {{"version", gitlab::kVersion}};
  json["scan"] = std::move(scan);
  json["vulnerabilities"] = std::move(list);
  // Demanded, and the source of GitLab's list of dependencies: only what changed would be wrong.
  if (!image) json["dependency_files"] = Json::array();
  return write_document(json);
}

}  // namespace minescan::report
