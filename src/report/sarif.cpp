// A SARIF 2.1.0 log: one run per platform of an image, one run for anything else.  GitHub takes one
// run per category and file, so every run has a category of its own.
#include <algorithm>
#include <map>
#include <set>

#include "base/printable.h"
#include "report/encode.h"
#include "report/formats.h"
#include "report/sarif_parts.h"
#include "report/words.h"

namespace minescan::report {
namespace sarif {

std::string message_text(std::string_view text) {
  std::string line = printable(text);
  if (line.empty()) line = "No message";
  const auto escape = [&](char what, char by) {
    for (std::size_t at = 0; (at = line.find(what, at)) != std::string::npos; at += 2) {
      line.insert(at, 1, by);
    }
  };
  // "[text](target)" is a link in a SARIF message; with a backslash it is not.
  if (line.find("](") != std::string::npos) {
    escape('[', '\\');
    escape(']', '\\');
  }
  // "{0}" is a placeholder; doubled braces are braces.
  const std::size_t brace = line.find('{');
  if (brace != std::string::npos && line.find('}', brace) != std::string::npos) {
    escape('{', '{');
    escape('}', '}');
  }
  if (!line.ends_with('.')) line += '.';
  return line;
}

namespace {

// GitHub refuses a file with more runs.
constexpr std::size_t kMostRuns = 20;

constexpr const char* kSchema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

std::vector<std::string> platforms_of(const Artifact& artifact) {
  std::vector<std::string> platforms;
  for (const Image& image : artifact.images) {
    const std::string platform = image.platform.text();
    if (std::find(platforms.begin(), platforms.end(), platform) == platforms.end()) {
      platforms.push_back(platform);
    }
  }
  return platforms;
}

// Names of units -> platforms that use them.
std::map<std::string, std::set<std::string>> users_of_units(const Artifact& artifact) {
  std::map<std::string, std::set<std::string>> users;
  const auto add = [&](std::size_t unit, const Image& image) {
    if (unit < artifact.units.size()) {
      users[artifact.units[unit].name].insert(image.platform.text());
    }
  };
  for (const Image& image : artifact.images) {
    for (const LayerUse& layer : image.layers) add(layer.unit, image);
    if (image.config) add(*image.config, image);
  }
  return users;
}

bool belongs(const Run& run, const Finding& finding) {
  if (run.platform.empty() || (finding.places.empty() && run.first)) return true;
  return std::any_of(finding.places.begin(), finding.places.end(),
                     [&](const ImagePlace& place) { return place.platform == run.platform; });
}

// The worst and surest ones, in the report's order.
void keep_worst(Run& run) {
  run.findings_in_all = run.findings.size();
  if (run.findings.size() <= kMostResults) return;
  std::vector<std::size_t> order(run.findings.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Finding& x = *run.findings[a];
    const Finding& y = *run.findings[b];
    if (x.suppressed.has_value() != y.suppressed.has_value()) return y.suppressed.has_value();
    if (x.level != y.level) return x.level > y.level;
    return x.rule->confidence > y.rule->confidence;
  });
  order.resize(kMostResults);
  std::sort(order.begin(), order.end());
  std::vector<const Finding*> kept;
  kept.reserve(order.size());
  for (const std::size_t i : order) kept.push_back(run.findings[i]);
  run.findings = std::move(kept);
}

std::vector<Run> divide(const Report& report) {
  std::vector<std::string> platforms = platforms_of(report.artifact);
  if (platforms.empty() || platforms.size() > kMostRuns) platforms = {""};
  const auto users = users_of_units(report.artifact);
  std::vector<Run> runs;
  for (const std::string& platform : platforms) {
    Run run;
    run.platform = platform;
    run.first = runs.empty();
    for (const Finding& finding : report.findings) {
      if (belongs(run, finding)) run.findings.push_back(&finding);
    }
    keep_worst(run);
    for (const Gap& gap : report.coverage.gaps) {
      const auto user =
          gap.trail.steps.empty() ? users.end() : users.find(gap.trail.steps.front().name);
      const bool ours = user == users.end() ? run.first : user->second.contains(platform);
      if (ours || platform.empty()) run.gaps.push_back(&gap);
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

std::string category(const Artifact& artifact, const Run& run) {
  std::string id = "minescan/" + std::string(artifact_kind_name(artifact.kind)) + "/";
  for (const std::string& part : {slug(artifact.stable_name()), slug(run.platform)}) {
    if (!part.empty()) id += part + "/";
  }
  return id;
}

// GitHub reads semanticVersion, which must be one; an empty version makes it refuse the file.
std::string version_of(const Report& report) {
  const std::string version = printable(report.tool_version, 80);
  const bool numbered = !version.empty() && version[0] >= '0' && version[0] <= '9';
  return numbered ? version : "0.0.0-" + (version.empty() ? "unknown" : slug(version));
}

std::vector<const Rule*> all_rules(const Report& report) {
  std::vector<const Rule*> rules = report.rules;
  std::set<const Rule*> known(rules.begin(), rules.end());
  for (const Finding& finding : report.findings) {
    if (known.insert(finding.rule).second) rules.push_back(finding.rule);
  }
  return rules;
}

Levels levels_of(const Run& run) {
  Levels levels;
  for (const Finding* finding : run.findings) {
    if (finding->suppressed) continue;
    Level& level = levels.emplace(finding->rule, finding->level).first->second;
    level = std::max(level, finding->level);
  }
  return levels;
}

Json driver(const Report& report, const Run& run, const std::vector<const Rule*>& all,
            Json notifications) {
  const std::string version = version_of(report);
  Json json = {{"name", "minescan"},
               {"fullName", "minescan " + version},
               {"version", version},
               {"semanticVersion", version},
               {"informationUri", kHomePage}};
  json["rules"] = rules(all, levels_of(run));
  json["notifications"] = std::move(notifications);
  return json;
}

// What was compared; the packages are in the JSON report.
Json review_json(const Review& review) {
  Json json = {{"base", printable(review.base, 300)},
               {"head", printable(review.head, 300)},
               {"filesChanged", review.files_changed}};
  std::map<std::string, std::uint64_t> changes;
  for (const ReviewedPackage& package : review.packages) ++changes[printable(package.change, 80)];
  json["packages"] = Json::object();
  for (const auto& [change, count] : changes) json["packages"][change] = count;
  return json;
}

Json run_properties(const Report& report, const Run& run) {
  const Artifact& artifact = report.artifact;
  const Ledger& ledger = report.coverage.ledger;
  Json json = {{"artifactKind", artifact_kind_name(artifact.kind)},
               {"artifact", printable(artifact.name)},
               {"artifactDigest", printable(artifact.digest, 200)}};
  if (!run.platform.empty()) {
    json["platform"] = printable(run.platform, 200);
    Json digests = Json::array();
    for (const Image& image : artifact.images) {
      if (image.platform.text() == run.platform) digests.push_back(printable(image.digest, 200));
    }
    json["manifestDigests"] = std::move(digests);
  }
  json["complete"] = report.coverage.complete;
  json["scannedBytes"] = ledger.scanned;
  json["gapBytes"] = ledger.gap;
  json["files"] = ledger.files;
  json["signaturesDigest"] = printable(report.signatures_digest, 200);
  if (report.signatures_pack) json["signaturesPack"] = pack_text(*report.signatures_pack);
  if (report.review) json["review"] = review_json(*report.review);
  return json;
}

Json run_json(const Report& report, const Run& run, const Style& style,
              const std::vector<const Rule*>& all, const RuleIndex& index) {
  Invocation executed = invocation(report, run, style);
  Json json;
  json["tool"]["driver"] = driver(report, run, all, std::move(executed.descriptors));
  json["automationDetails"]["id"] = category(report.artifact, run);
  json["invocations"] = Json::array();
  json["invocations"].push_back(std::move(executed.invocation));
  // No uri: where the repository lies is nobody's business, and differs on every machine.
  json["originalUriBaseIds"]["SRCROOT"]["description"]["text"] = "The root of the repository.";
  json["columnKind"] = "utf16CodeUnits";
  json["results"] = Json::array();
  for (const Finding* finding : run.findings) {
    json["results"].push_back(result(report, *finding, run, style, index));
  }
  json["properties"] = run_properties(report, run);
  return json;
}

}  // namespace
}  // namespace sarif

std::string write_sarif(const Report& report, const Style& style) {
  const std::vector<const Rule*> all = sarif::all_rules(report);
  sarif::RuleIndex index;
  for (const Rule* rule : all) index.emplace(rule, index.size());
  Json log = {{"$schema", sarif::kSchema}, {"version", "2.1.0"}};
  log["runs"] = Json::array();
  for (const sarif::Run& run : sarif::divide(report)) {
    log["runs"].push_back(sarif::run_json(report, run, style, all, index));
  }
  return write_document(log);
}

}  // namespace minescan::report
