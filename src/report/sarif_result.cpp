// Findings as SARIF results.
//
// A file inside an image or a package is no file of the repository.  Its uri is made up: the
// image's name as a slug, then the path in the image, without tag or digest so that the alert
// survives a rebuild.  Where the repository has a place for it (the lockfile's entry, or the file
// that the user names, usually the Dockerfile) that is the location, and the made-up one is
// related.
#include <algorithm>

#include "base/digest.h"
#include "base/printable.h"
#include "report/encode.h"
#include "report/location.h"
#include "report/sarif_parts.h"
#include "report/words.h"

namespace minescan::report::sarif {
namespace {

Json location(const std::string& uri, const Region& region) {
  Json artifact = {{"uri", uri}, {"uriBaseId", "SRCROOT"}};
  Json range = {{"startLine", region.line},
                {"startColumn", region.column},
                {"endLine", region.line},
                {"endColumn", region.end_column}};
  Json physical;
  physical["artifactLocation"] = std::move(artifact);
  physical["region"] = std::move(range);
  return physical;
}

std::string fingerprint(const Finding& finding, const Run& run) {
  const std::string text = "minescan\n" + finding.id + "\n" + run.platform;
  return sha256(as_bytes(text)).substr(std::string_view("sha256:").size(), 16) + ":1";
}

const ImagePlace* place_in(const Finding& finding, const Run& run) {
  for (const ImagePlace& place : finding.places) {
    if (place.platform == run.platform) return &place;
  }
  return finding.places.empty() ? nullptr : &finding.places.front();
}

// "registry.example/team/app@sha256:…!/usr/lib/x.jar!/y.class", "pkg:npm/demo@1.0.0!/package/x.js"
std::string qualified_name(const Artifact& artifact, const Finding& finding) {
  std::string name = printable(finding.package);
  if (name.empty()) {
    name = printable(artifact.stable_name());
    if (!artifact.digest.empty()) name += "@" + printable(artifact.digest, 200);
  }
  for (const Step& step : finding.trail.steps) {
    if (step.kind == Step::Kind::member) name += "!/" + printable(step.name);
  }
  return name;
}

Json evidence_json(const Evidence& evidence) {
  Json json = {{"indicator", printable(evidence.indicator, 200)},
               {"view", view_name(evidence.view)},
               {"trail", printable(evidence.trail.text())},
               {"byteOffset", evidence.offset},
               {"byteLength", evidence.length}};
  if (evidence.line > 0) {
    json["line"] = evidence.line;
    json["column"] = evidence.column;
  }
  if (evidence.count > 1) json["count"] = evidence.count;
  if (!evidence.captures.empty()) {
    Json captures = Json::object();
    for (const auto& [name, value] : evidence.captures) {
      captures[printable(name, 80)] = printable(value);
    }
    json["captures"] = std::move(captures);
  }
  json["excerpt"] = printable(evidence.excerpt);
  return json;
}

void add_place(Json& properties, const ImagePlace& place) {
  properties["platform"] = printable(place.platform, 200);
  if (!place.layer_digest.empty()) {
    properties["layerDigest"] = printable(place.layer_digest, 200);
    properties["layerIndex"] = place.layer_index;
    properties["layerCount"] = place.layer_count;
    properties["layerCommand"] = printable(place.command);
  }
  if (!place.hidden_by.empty()) properties["hiddenBy"] = printable(place.hidden_by);
}

Json properties_of(const Finding& finding, const Run& run) {
  const ImagePlace* place = place_in(finding, run);
  Json properties = {{"findingId", printable(finding.id, 80)},
                     {"class", printable(finding.rule->class_name, 80)},
                     {"confidence", confidence_name(finding.rule->confidence)}};
  if (!finding.rule->family.empty()) properties["family"] = printable(finding.rule->family, 80);
  if (finding.context != nullptr) {
    properties["context"] = printable(finding.context->id, 80);
    properties["contextTitle"] = printable(finding.context->title);
    properties["levelElsewhere"] = level_name(finding.rule->level);
  }
  properties["path"] = printable(finding.path);
  if (!finding.package.empty()) properties["package"] = printable(finding.package);
  properties["trail"] = printable(finding.trail.text());
  properties["state"] = state_name(place == nullptr ? finding.state : place->state);
  if (place != nullptr) add_place(properties, *place);
  if (!finding.evidence.empty()) properties["byteOffset"] = finding.evidence.front().offset;
  Json evidence = Json::array();
  for (std::size_t i = 0; i < std::min(finding.evidence.size(), kMostEvidence); ++i) {
    evidence.push_back(evidence_json(finding.evidence[i]));
  }
  properties["evidence"] = std::move(evidence);
  return properties;
}

Json suppressions(const Suppression& suppression) {
  std::string why = printable(suppression_text(suppression), 80);
  if (!suppression.reason.empty()) why += ": " + printable(suppression.reason, 1000);
  Json json = Json::array();
  json.push_back({{"kind", "external"}, {"status", "accepted"}, {"justification", why}});
  return json;
}

// GitLab orders by it: ten times the severity, "9.8" is 98.
int rank_of(const Finding& finding) {
  int rank = 0;
  for (const char c : security_severity(finding.level, finding.rule->confidence)) {
    if (c != '.') rank = rank * 10 + (c - '0');
  }
  return rank;
}

}  // namespace

Json result(const Report& report, const Finding& finding, const Run& run, const Style& style,
            const RuleIndex& index) {
  const Rule& rule = *finding.rule;
  const std::string own = own_uri(report.artifact, finding);
  const bool is_tree_file =
      report.artifact.kind == Artifact::Kind::tree && finding.lockfile.empty();
  const Location shown = is_tree_file ? Location() : repository_location(report, finding, style);
  const bool elsewhere = !shown.path.empty();
  const Region region = region_of(finding);

  Json json = {{"ruleId", printable(rule.id, 80)}, {"ruleIndex", index.at(&rule)}};
  json["level"] = level_name(finding.level);
  json["message"] = {{"text", message_text(finding.message)}};
  Json place;
  place["physicalLocation"] =
      elsewhere ? location(uri_path(shown.path), shown.region) : location(own, region);
  place["logicalLocations"] = Json::array();
  place["logicalLocations"].push_back(
      {{"fullyQualifiedName", qualified_name(report.artifact, finding)}, {"kind", "resource"}});
  json["locations"] = Json::array();
  json["locations"].push_back(std::move(place));
  // A line of the lockfile itself has nothing inside.
  if (elsewhere && (finding.lockfile.empty() || finding.lockfile != finding.path)) {
    Json related = {{"id", 1}};
    related["physicalLocation"] = location(own, region);
    related["message"] = {
        {"text", message_text(finding.lockfile.empty() ? "The file in the image"
                                                       : "The file in the package")}};
    json["relatedLocations"] = Json::array();
    json["relatedLocations"].push_back(std::move(related));
  }
  Json fingerprints;
  fingerprints["primaryLocationLineHash"] = fingerprint(finding, run);
  fingerprints["minescan/v1"] = printable(finding.id, 80);
  json["partialFingerprints"] = std::move(fingerprints);
  json["rank"] = rank_of(finding);
  if (finding.suppressed) json["suppressions"] = suppressions(*finding.suppressed);
  json["properties"] = properties_of(finding, run);
  return json;
}

}  // namespace minescan::report::sarif
