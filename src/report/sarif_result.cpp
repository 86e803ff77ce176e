// Findings as SARIF results.
//
// A file inside an image is no file of the repository.  Its uri is made up: the image's name as a
// slug, then the path in the image, without tag or digest so that the alert survives a rebuild; or
// the file that the user names (usually the Dockerfile), and the made-up one is related.
#include <algorithm>

#include "base/digest.h"
#include "base/printable.h"
#include "report/encode.h"
#include "report/sarif_parts.h"

namespace minescan::report::sarif {
namespace {

struct Region {
  std::uint64_t line = 1, column = 1, end_column = 1;
};

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

// Where lines of the evidence are lines of the file that the uri names: it was seen in the file
// itself, not in something unpacked or decoded from it.
bool lines_are_the_files(const Evidence& evidence) {
  if (evidence.line == 0) return false;
  const auto& steps = evidence.trail.steps;
  const auto member = std::find_if(
      steps.begin(), steps.end(), [](const Step& step) { return step.kind == Step::Kind::member; });
  return member == steps.end() ? steps.size() == 1 : member + 1 == steps.end();
}

Region region_of(const Evidence& evidence) {
  if (!lines_are_the_files(evidence)) return {};
  Region region;
  region.line = evidence.line;
  region.column = std::max<std::uint32_t>(evidence.column, 1);
  // A match over several lines is marked at its start: where its last line ends is not known here.
  const bool one_line = evidence.excerpt.find('\n') == std::string::npos;
  region.end_column = region.column + (one_line ? evidence.length : 1);
  return region;
}

// The path in the artifact, or a word for what has none.
std::string inner_path(const Finding& finding) {
  if (!finding.path.empty()) return uri_path(finding.path);
  if (finding.places.empty()) return {};
  return finding.places.front().layer_digest.empty() ? "image-config" : "layer";
}

std::string join(const std::string& folder, const std::string& path) {
  if (folder.empty() || path.empty()) return folder + path;
  return folder + "/" + path;
}

std::string uri_of(const Artifact& artifact, const Finding& finding) {
  std::string folder;
  switch (artifact.kind) {
    case Artifact::Kind::image:
      folder = slug(artifact.stable_name());
      break;
    case Artifact::Kind::package:
      folder = uri_path(artifact.stable_name());
      break;
    case Artifact::Kind::tree:
      // Inside the repository if the name says so; of an absolute path nothing is known.
      if (!artifact.name.starts_with('/') || finding.path.empty()) {
        folder = uri_path(artifact.stable_name());
      }
      break;
  }
  const std::string uri = join(folder, inner_path(finding));
  return uri.empty() ? std::string(artifact_kind_name(artifact.kind)) : uri;
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

// "registry.example/team/app@sha256:…!/usr/lib/x.jar!/y.class"
std::string qualified_name(const Artifact& artifact, const Finding& finding) {
  std::string name = printable(artifact.stable_name());
  if (!artifact.digest.empty()) name += "@" + printable(artifact.digest, 200);
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
  const std::string own_uri = uri_of(report.artifact, finding);
  const bool elsewhere =
      report.artifact.kind == Artifact::Kind::image && !style.sarif_location.empty();
  Region region;
  if (!finding.evidence.empty()) region = region_of(finding.evidence.front());

  Json json = {{"ruleId", printable(rule.id, 80)}, {"ruleIndex", index.at(&rule)}};
  json["level"] = level_name(finding.level);
  json["message"] = {{"text", message_text(finding.message)}};
  Json place;
  place["physicalLocation"] =
      elsewhere ? location(uri_path(style.sarif_location), {}) : location(own_uri, region);
  place["logicalLocations"] = Json::array();
  place["logicalLocations"].push_back(
      {{"fullyQualifiedName", qualified_name(report.artifact, finding)}, {"kind", "resource"}});
  json["locations"] = Json::array();
  json["locations"].push_back(std::move(place));
  if (elsewhere) {
    Json related = {{"id", 1}};
    related["physicalLocation"] = location(own_uri, region);
    related["message"] = {{"text", message_text("The file in the image")}};
    json["relatedLocations"] = Json::array();
    json["relatedLocations"].push_back(std::move(related));
  }
  Json fingerprints;
  fingerprints["primaryLocationLineHash"] = fingerprint(finding, run);
  fingerprints["minescan/v1"] = printable(finding.id, 80);
  json["partialFingerprints"] = std::move(fingerprints);
  json["rank"] = rank_of(finding);
  json["properties"] = properties_of(finding, run);
  return json;
}

}  // namespace minescan::report::sarif
