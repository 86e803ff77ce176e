#include "app/explain.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "app/signatures.h"
#include "base/json.h"
#include "base/printable.h"

namespace minescan::app {
namespace {

// Reports of large trees hold tens of thousands of gaps and findings.
constexpr JsonLimits kReportLimits{.bytes = std::size_t{512} << 20, .depth = 64};

void line(std::size_t indent, const std::string& text) {
  std::printf("%s%s\n", std::string(indent, ' ').c_str(), text.c_str());
}

// A text of the report, safe for a terminal.
std::string text_of(const Json& object, const char* key) {
  return printable(json_string(object, key));
}

const Json& list_of(const Json& object, const char* key) {
  static const Json kNone = Json::array();
  if (!object.is_object()) return kNone;
  const auto at = object.find(key);
  return at == object.end() || !at->is_array() ? kNone : *at;
}

std::string trail_text(const Json& trail) {
  std::string text;
  if (!trail.is_array()) return text;
  for (const Json& step : trail) text += (text.empty() ? "" : " › ") + text_of(step, "name");
  return text;
}

std::string number_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_unsigned() ? std::to_string(at->get<std::uint64_t>())
                                                        : "0";
}

Result<Json> read_report(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  if (in) bytes << in.rdbuf();
  if (!in) return fail(Code::io, "cannot read the report '" + path + "'");
  const std::string text = bytes.str();
  auto json = parse_json(as_bytes(text), kReportLimits);
  if (!json || !json->is_object() || !json->contains("findings")) {
    return fail(Code::usage,
                "'" + path + "' is no JSON report of minescan; write one with -o json=FILE");
  }
  return json;
}

const Json* by_id(const Json& list, const std::string& id) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Json& one) { return json_string(one, "id") == id; });
  return found == list.end() ? nullptr : &*found;
}

void explain_place(const Json& place) {
  std::string text = "in ";
  if (json_string(place, "layer_digest").empty()) {
    text += "the image configuration";
  } else {
    const auto index = place.find("layer_index");
    const std::uint64_t layer =
        index != place.end() && index->is_number_unsigned() ? index->get<std::uint64_t>() + 1 : 0;
    text += "layer " + std::to_string(layer) + " of " + number_of(place, "layer_count") + ", " +
            text_of(place, "layer_digest");
  }
  text += ", " + text_of(place, "platform");
  if (const std::string state = text_of(place, "state"); state != "present") {
    text += ", " + state + " by " + text_of(place, "hidden_by");
  }
  line(2, text);
  if (const std::string command = text_of(place, "command"); !command.empty()) {
    line(4, "made by: " + command);
  }
}

// What an indicator is, in the words of the signatures: its comment there, its strength here.
std::string strength_of(const match::SignatureSet& signatures, const std::string& id) {
  for (const match::Indicator& indicator : signatures.indicators()) {
    if (indicator.id == id) return std::string(match::strength_name(indicator.strength));
  }
  return "of other signatures";
}

void explain_evidence(const match::SignatureSet& signatures, const Json& evidence) {
  const std::string id = json_string(evidence, "indicator");
  std::string text = printable(id) + " (" + strength_of(signatures, id) + ")";
  const std::string at = number_of(evidence, "line");
  text += at == "0" ? ", at byte " + number_of(evidence, "offset") : ", in line " + at;
  if (const std::string count = number_of(evidence, "count"); count != "1") {
    text += ", and " + count + " times in all";
  }
  line(2, text);
  line(4, trail_text(evidence.value("trail", Json::array())));
  const auto captures = evidence.find("captures");
  if (captures != evidence.end() && captures->is_object()) {
    for (const auto& [name, value] : captures->items()) {
      if (value.is_string()) line(4, printable(name) + ": " + printable(value.get<std::string>()));
    }
  }
  if (const std::string excerpt = text_of(evidence, "excerpt"); !excerpt.empty()) {
    line(4, "| " + excerpt);
  }
}

void explain_clusters(const Json& report, const std::string& id) {
  for (const Json& cluster : list_of(report, "clusters")) {
    const Json& findings = list_of(cluster, "findings");
    if (std::find(findings.begin(), findings.end(), Json(id)) == findings.end()) continue;
    line(0, "");
    line(0, "The same " + text_of(cluster, "kind") + " " + text_of(cluster, "value") + " is in");
    for (const Json& file : list_of(cluster, "files")) line(2, trail_text(file));
  }
}

void explain_finding(const match::SignatureSet& signatures, const Json& report,
                     const Json& finding) {
  static const Json kNone = Json::object();
  const std::string rule_id = json_string(finding, "rule");
  const Json* known = by_id(list_of(report, "rules"), rule_id);
  const Json& rule = known == nullptr ? kNone : *known;
  line(0, text_of(finding, "level") + " " + printable(rule_id) + " " + text_of(rule, "title"));
  line(0, text_of(rule, "description"));
  line(0, "");
  line(0, "Where: " + trail_text(finding.value("trail", Json::array())));
  if (const std::string digest = text_of(finding, "digest"); !digest.empty()) line(2, digest);
  for (const Json& place : list_of(finding, "places")) explain_place(place);
  if (const auto context = finding.find("context"); context != finding.end()) {
    line(0, "Level elsewhere: " + text_of(*context, "level_elsewhere") +
                "; here: " + text_of(finding, "level") +
                ", because of the context: " + text_of(*context, "title"));
  }
  line(0, "");
  line(0, "Why (confidence " + text_of(finding, "confidence") + "):");
  for (const Json& evidence : list_of(finding, "evidence")) explain_evidence(signatures, evidence);
  explain_clusters(report, json_string(finding, "id"));
  line(0, "");
  line(0, "What to do: " + text_of(rule, "help"));
  for (const Json& reference : list_of(rule, "references")) {
    if (reference.is_string()) line(0, "See " + printable(reference.get<std::string>()));
  }
  if (const std::string attack = text_of(rule, "attack"); !attack.empty()) {
    line(0, "ATT&CK " + attack);
  }
}

bool is_finding_id(const std::string& id) {
  return id.size() >= 16 &&
         id.find_first_not_of("0123456789abcdef", 0) >= 16;  // repeated ids end in "-2"
}

}  // namespace

Result<int> run_explain(const Options& options) {
  MINESCAN_TRY_ASSIGN(const auto signatures, load_signatures(options));
  const std::string& id = options.target;
  if (!is_finding_id(id)) return show_signature(*signatures, id);
  if (options.report.empty()) {
    return fail(Code::usage,
                "to explain the finding '" + id +
                    "', name the report it is in: --report FILE, written by a scan with "
                    "-o json=FILE");
  }
  MINESCAN_TRY_ASSIGN(const Json report, read_report(options.report));
  if (const Json* finding = by_id(list_of(report, "findings"), id)) {
    explain_finding(*signatures, report, *finding);
    return 0;
  }
  return fail(Code::usage, "the report '" + options.report + "' has no finding '" + id + "'");
}

}  // namespace minescan::app
