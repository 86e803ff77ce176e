#include "report/inspection.h"

#include <algorithm>

#include "base/printable.h"
#include "report/encode.h"

namespace minescan::report {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::size_t kLineBytes = 400;

// A node's trail without the unit, which is the file.
std::string place(const Trail& trail) {
  std::string text;
  for (std::size_t i = 1; i < trail.steps.size(); ++i) {
    text += (i == 1 ? "" : " › ") + trail.steps[i].name;
  }
  return printable(text);
}

void add(std::string& out, std::size_t indent, const std::string& text) {
  out += std::string(indent, ' ') + text + '\n';
}

}  // namespace

std::string inspection_text(const Inspection& inspection, const Report& report) {
  std::string out;
  add(out, 0, printable(inspection.file));
  if (!inspection.digest.empty()) add(out, 0, printable(inspection.digest));
  for (const InspectedNode& node : inspection.nodes) {
    out += '\n';
    const std::string where = place(node.trail);
    add(out, 0, (where.empty() ? "" : where + ": ") + printable(node.type));
    for (const auto& [name, lines] : node.facts) {
      if (lines.size() == 1) {
        add(out, 2, printable(name) + ": " + printable(lines.front(), kLineBytes));
        continue;
      }
      add(out, 2, printable(name) + ":");
      for (const std::string& line : lines) add(out, 4, printable(line, kLineBytes));
    }
  }
  if (inspection.nodes_left_out > 0) {
    add(out, 0, "and " + grouped(inspection.nodes_left_out) + " more parts");
  }
  out += '\n';
  if (report.findings.empty()) add(out, 0, "No rule finds anything in it.");
  for (const Finding& finding : report.findings) {
    add(out, 0,
        std::string(level_name(finding.level)) + " " + finding.rule->id + " " +
            printable(finding.rule->title));
    add(out, 2, place(finding.trail).empty() ? "in the file itself" : "in " + place(finding.trail));
    for (const Evidence& evidence : finding.evidence) {
      add(out, 4, evidence.indicator + " | " + printable(evidence.excerpt, kLineBytes));
    }
  }
  for (const Gap& gap : report.coverage.gaps) {
    add(out, 0,
        "not looked into: " + std::string(gap_name(gap.reason)) + " " + place(gap.trail) + ": " +
            printable(gap.detail));
  }
  return out;
}

std::string inspection_json(const Inspection& inspection, const Report& report) {
  Json json = {{"schema_version", kSchemaVersion}};
  put_text(json, "file", inspection.file);
  json["digest"] = inspection.digest;
  json["nodes"] = Json::array();
  for (const InspectedNode& node : inspection.nodes) {
    Json one = {{"trail", trail_json(node.trail)}};
    put_text(one, "type", node.type);
    one["facts"] = Json::array();
    for (const auto& [name, lines] : node.facts) {
      Json fact = Json::object();
      put_text(fact, "name", name);
      fact["values"] = Json::array();
      for (const std::string& line : lines) {
        Json value = Json::object();
        put_text(value, "text", line);
        fact["values"].push_back(std::move(value));
      }
      one["facts"].push_back(std::move(fact));
    }
    json["nodes"].push_back(std::move(one));
  }
  json["nodes_left_out"] = inspection.nodes_left_out;
  json["findings"] = Json::array();
  for (const Finding& finding : report.findings) {
    Json one = {{"id", finding.id},
                {"rule", finding.rule->id},
                {"level", level_name(finding.level)},
                {"trail", trail_json(finding.trail)}};
    put_text(one, "message", finding.message);
    json["findings"].push_back(std::move(one));
  }
  json["gaps"] = Json::array();
  for (const Gap& gap : report.coverage.gaps) {
    Json one = {{"reason", gap_name(gap.reason)}, {"trail", trail_json(gap.trail)}};
    put_text(one, "detail", gap.detail);
    json["gaps"].push_back(std::move(one));
  }
  return write_document(json);
}

}  // namespace minescan::report
