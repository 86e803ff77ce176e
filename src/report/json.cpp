// The native report: all that the Report says, in the model's words, byte-stable.  Bytes that are
// not UTF-8 stand beside their text as <name>_base64.  Grows only by addition; report.schema.json
// describes it.
#include <array>
#include <map>

#include "report/encode.h"
#include "report/formats.h"

namespace minescan::report {
namespace {

constexpr const char* kSchemaVersion = "1.0";

std::string_view code_name(Code code) {
  switch (code) {
    case Code::usage:
      return "usage";
    case Code::not_found:
      return "not_found";
    case Code::unreachable:
      return "unreachable";
    case Code::refused:
      return "refused";
    case Code::integrity:
      return "integrity";
    case Code::io:
      return "io";
    case Code::changed:
      return "changed";
    case Code::truncated:
      return "truncated";
    case Code::corrupt:
      return "corrupt";
    case Code::encrypted:
      return "encrypted";
    case Code::dictionary:
      return "dictionary";
    case Code::unsupported:
      return "unsupported";
    case Code::limit_bytes:
      return "limit_bytes";
    case Code::limit_depth:
      return "limit_depth";
    case Code::limit_entries:
      return "limit_entries";
    case Code::limit_memory:
      return "limit_memory";
    case Code::worker_crash:
      return "worker_crash";
    case Code::worker_timeout:
      return "worker_timeout";
    case Code::internal:
      return "internal";
  }
  return "internal";
}

Json unit_json(const Unit& unit) {
  Json json = {{"kind", unit_kind_name(unit.kind)}};
  put_text(json, "name", unit.name);
  put_text(json, "digest", unit.digest);
  json["size"] = unit.size;
  put_text(json, "media_type", unit.media_type);
  return json;
}

Json image_json(const Image& image) {
  Json json;
  put_text(json, "digest", image.digest);
  put_text(json, "platform", image.platform.text());
  if (image.config) json["config"] = *image.config;
  json["layers"] = Json::array();
  for (const LayerUse& layer : image.layers) {
    Json one = {{"unit", layer.unit}};
    put_text(one, "digest", layer.digest);
    put_text(one, "diff_id", layer.diff_id);
    put_text(one, "command", layer.command);
    json["layers"].push_back(std::move(one));
  }
  return json;
}

// Of a list of texts, each as {"what": …}.
Json texts_json(const std::vector<std::string>& texts) {
  Json json = Json::array();
  for (const std::string& text : texts) {
    Json one;
    put_text(one, "what", text);
    json.push_back(std::move(one));
  }
  return json;
}

Json artifact_json(const Artifact& artifact) {
  Json json = {{"kind", artifact_kind_name(artifact.kind)}};
  put_text(json, "name", artifact.name);
  put_text(json, "digest", artifact.digest);
  json["units"] = Json::array();
  for (const Unit& unit : artifact.units) json["units"].push_back(unit_json(unit));
  json["images"] = Json::array();
  for (const Image& image : artifact.images) json["images"].push_back(image_json(image));
  json["notes"] = texts_json(artifact.notes);
  return json;
}

Json place_json(const ImagePlace& place) {
  Json json;
  put_text(json, "platform", place.platform);
  json["layer_index"] = place.layer_index;
  json["layer_count"] = place.layer_count;
  put_text(json, "layer_digest", place.layer_digest);
  put_text(json, "command", place.command);
  json["state"] = state_name(place.state);
  put_text(json, "hidden_by", place.hidden_by);
  return json;
}

Json evidence_json(const Evidence& evidence) {
  Json json = {{"indicator", evidence.indicator}, {"view", view_name(evidence.view)}};
  json["trail"] = trail_json(evidence.trail);
  json["offset"] = evidence.offset;
  json["length"] = evidence.length;
  json["line"] = evidence.line;
  json["column"] = evidence.column;
  json["count"] = evidence.count;
  json["captures"] = Json::object();
  for (const auto& [name, value] : evidence.captures) put_text(json["captures"], name, value);
  put_text(json, "excerpt", evidence.excerpt);
  return json;
}

Json finding_json(const Finding& finding) {
  Json json = {{"id", finding.id},
               {"rule", finding.rule->id},
               {"level", level_name(finding.level)},
               {"confidence", confidence_name(finding.rule->confidence)},
               {"class", finding.rule->class_name},
               {"family", finding.rule->family}};
  if (finding.context != nullptr) {
    json["context"] = {{"id", finding.context->id},
                       {"title", finding.context->title},
                       {"level_elsewhere", level_name(finding.rule->level)}};
  }
  put_text(json, "message", finding.message);
  put_text(json, "path", finding.path);
  if (!finding.package.empty()) put_text(json, "package", finding.package);
  if (!finding.lockfile.empty()) {
    put_text(json["lockfile"], "path", finding.lockfile);
    json["lockfile"]["line"] = finding.lockfile_line;
  }
  if (finding.suppressed) {
    put_text(json["suppressed"], "kind", finding.suppressed->kind);
    put_text(json["suppressed"], "reason", finding.suppressed->reason);
  }
  json["digest"] = finding.digest;
  json["trail"] = trail_json(finding.trail);
  json["state"] = state_name(finding.state);
  json["places"] = Json::array();
  for (const ImagePlace& place : finding.places) json["places"].push_back(place_json(place));
  json["evidence"] = Json::array();
  for (const Evidence& one : finding.evidence) json["evidence"].push_back(evidence_json(one));
  return json;
}

Json cluster_json(const Cluster& cluster) {
  Json json = {{"kind", cluster.kind}};
  put_text(json, "value", cluster.value);
  put_text(json, "coin", cluster.coin);
  json["files"] = Json::array();
  for (const Trail& file : cluster.files) json["files"].push_back(trail_json(file));
  json["findings"] = cluster.findings;
  return json;
}

Json rule_json(const Rule& rule) {
  return {{"id", rule.id},
          {"name", rule.name},
          {"title", rule.title},
          {"description", rule.description},
          {"class", rule.class_name},
          {"family", rule.family},
          {"level", level_name(rule.level)},
          {"confidence", confidence_name(rule.confidence)},
          {"scope", scope_name(rule.scope)},
          {"help", rule.help},
          {"references", rule.references},
          {"attack", rule.attack}};
}

// The rules that have findings; `minescan signatures` lists all.
Json rules_json(const Report& report) {
  std::map<std::string, const Rule*> fired;
  for (const Finding& finding : report.findings) fired[finding.rule->id] = finding.rule;
  Json rules = Json::array();
  for (const auto& [id, rule] : fired) rules.push_back(rule_json(*rule));
  return rules;
}

Json gap_json(const Gap& gap) {
  Json json = {{"reason", gap_name(gap.reason)}, {"outside", is_outside(gap.reason)}};
  json["trail"] = trail_json(gap.trail);
  put_text(json, "detail", gap.detail);
  json["offset"] = gap.offset;
  json["bytes"] = gap.bytes;
  if (!gap.accepted.empty()) put_text(json, "accepted", gap.accepted);
  return json;
}

Json coverage_json(const Coverage& coverage) {
  const Ledger& ledger = coverage.ledger;
  Json json = {{"complete", coverage.complete},
               {"units", coverage.units},
               {"unit_bytes", coverage.unit_bytes},
               {"bytes", ledger.bytes},
               {"scanned", ledger.scanned},
               {"decoded", ledger.decoded},
               {"gap", ledger.gap},
               {"nodes", ledger.nodes},
               {"files", ledger.files}};
  json["gaps"] = Json::array();
  for (const Gap& gap : coverage.gaps) json["gaps"].push_back(gap_json(gap));
  return json;
}

Json review_json(const Review& review) {
  Json json = Json::object();
  put_text(json, "base", review.base);
  put_text(json, "head", review.head);
  json["files_changed"] = review.files_changed;
  json["packages"] = Json::array();
  for (const ReviewedPackage& package : review.packages) {
    Json one = Json::object();
    put_text(one, "change", package.change);
    put_text(one, "before", package.before);
    put_text(one, "after", package.after);
    put_text(one, "lockfile", package.lockfile);
    one["line"] = package.line;
    put_text(one, "outcome", package.outcome);
    json["packages"].push_back(std::move(one));
  }
  return json;
}

// Suppressed findings count by themselves.
Json counts_json(const Report& report) {
  std::map<Level, std::uint64_t> counts;
  std::uint64_t suppressed = 0;
  for (const Finding& finding : report.findings) {
    ++(finding.suppressed ? suppressed : counts[finding.level]);
  }
  Json json;
  for (const Level level : {Level::error, Level::warning, Level::note}) {
    json[std::string(level_name(level))] = counts[level];
  }
  json["suppressed"] = suppressed;
  return json;
}

}  // namespace

std::string write_json(const Report& report, const Style& /*style*/) {
  Json json = {{"schema_version", kSchemaVersion}};
  json["tool"] = {{"name", "minescan"}, {"version", report.tool_version}};
  json["signatures"] = {{"digest", report.signatures_digest}, {"count", report.signatures_count}};
  if (report.signatures_pack) {
    const SignaturePack& pack = *report.signatures_pack;
    json["signatures"]["pack"] = {
        {"name", pack.name}, {"version", pack.version}, {"key", pack.key}};
  }
  json["verdict"] = verdict_name(report.exit_code);
  json["exit_code"] = report.exit_code;
  json["fail_on"] = level_name(report.fail_on);
  json["counts"] = counts_json(report);
  json["artifact"] = artifact_json(report.artifact);
  if (report.review) json["review"] = review_json(*report.review);
  json["findings"] = Json::array();
  for (const Finding& finding : report.findings) json["findings"].push_back(finding_json(finding));
  json["clusters"] = Json::array();
  for (const Cluster& cluster : report.clusters) json["clusters"].push_back(cluster_json(cluster));
  json["clusters_left_out"] = report.clusters_left_out;
  json["rules"] = rules_json(report);
  json["coverage"] = coverage_json(report.coverage);
  json["anomalies"] = Json::array();
  for (const Anomaly& anomaly : report.anomalies) {
    Json one = {{"trail", trail_json(anomaly.trail)}};
    put_text(one, "what", anomaly.what);
    json["anomalies"].push_back(std::move(one));
  }
  json["failures"] = Json::array();
  for (const Error& failure : report.failures) {
    Json one = {{"code", code_name(failure.code)}};
    put_text(one, "what", failure.what);
    json["failures"].push_back(std::move(one));
  }
  json["policy_notes"] = texts_json(report.policy_notes);
  return write_document(json);
}

}  // namespace minescan::report
