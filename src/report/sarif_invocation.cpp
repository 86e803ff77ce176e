// What happened while scanning, as a SARIF invocation: gaps, failures and oddities are
// notifications, and an incomplete scan is no successful execution.
#include <map>

#include "base/printable.h"
#include "report/encode.h"
#include "report/sarif_parts.h"

namespace minescan::report::sarif {
namespace {

constexpr std::string_view kFailure = "scan.failure";
constexpr std::string_view kAnomaly = "scan.anomaly";
constexpr std::string_view kNote = "scan.note";
constexpr std::string_view kMoreResults = "report.results";
constexpr std::string_view kMoreNotifications = "report.notifications";

struct About {
  std::string_view what;  // one sentence
  std::string_view help;  // what to do, one sentence
};

About about_gap(std::string_view id) {
  if (id.starts_with("limit.")) {
    return {"Bytes were not looked into because a limit was reached.",
            "Look at the part by hand, or scan it by itself."};
  }
  if (id.starts_with("decode.")) {
    return {"Bytes could not be unpacked or decoded.",
            "Find out why the part is damaged, encrypted or of a kind that is not read, and remove "
            "it or scan its content by itself."};
  }
  if (id.starts_with("parse.")) {
    return {"Readers of this file disagree on what it holds.",
            "Make the archive anew with an ordinary tool, and scan it again."};
  }
  if (id.starts_with("io.")) {
    return {"A file of the tree was not read to its end.",
            "Give read permission, or scan a copy that nobody changes meanwhile."};
  }
  if (id.starts_with("net.")) {
    return {"A part of the artifact was not fetched.",
            "Check that the registry has it and that it may be fetched, and scan again."};
  }
  if (id.starts_with("policy.")) {
    return {"A part was left out by the user's wish.", "Scan without leaving it out."};
  }
  return {"The scan of a part broke down.",
          "Scan again; if it happens again report it with the part that it names."};
}

About about(std::string_view id) {
  if (id == kFailure) {
    return {"A part of the artifact could not be had as promised.",
            "Correct what the message names, and scan again."};
  }
  if (id == kAnomaly) {
    return {"Something about the bytes is odd, but they were looked into.",
            "See whether the contradiction is meant."};
  }
  if (id == kNote) return {"Something that readers of the report should know.", "Read it."};
  if (id == kMoreResults) {
    return {"There are more findings than a SARIF log can show.", "See the JSON report."};
  }
  if (id == kMoreNotifications) {
    return {"There are more notifications than a SARIF log can show.", "See the JSON report."};
  }
  return about_gap(id);
}

// "decode.link-out" -> "DecodeLinkOut"
std::string pascal(std::string_view id) {
  std::string name;
  bool start = true;
  for (const char c : id) {
    const bool letter = c >= 'a' && c <= 'z';
    if (letter) name += start ? static_cast<char>(c - 'a' + 'A') : c;
    start = !letter;
  }
  return name;
}

Json descriptor(std::string_view id, std::string_view level) {
  const About words = about(id);
  Json json = {{"id", id}, {"name", pascal(id)}};
  json["shortDescription"] = {{"text", words.what}};
  json["fullDescription"] = {{"text", words.what}};
  json["help"] = {{"text", words.help}};
  json["helpUri"] = kHomePage;
  json["defaultConfiguration"] = {{"level", level}};
  return json;
}

class Notifications {
 public:
  // Returns false when there is no room left.
  bool add(std::string_view id, std::string_view level, std::string_view text,
           Json properties = Json()) {
    if (list_.size() >= kMostNotifications) return false;
    put(id, level, text, std::move(properties));
    return true;
  }
  void put(std::string_view id, std::string_view level, std::string_view text, Json properties) {
    levels_.emplace(id, level);
    Json one = {{"level", level}};
    one["descriptor"] = {{"id", id}};
    one["message"] = {{"text", message_text(text)}};
    if (!properties.is_null()) one["properties"] = std::move(properties);
    list_.push_back(std::move(one));
  }

  Invocation finish() {
    Invocation result;
    result.descriptors = Json::array();
    std::map<std::string_view, std::size_t> index;
    for (const auto& [id, level] : levels_) {
      index[id] = result.descriptors.size();
      result.descriptors.push_back(descriptor(id, level));
    }
    for (Json& one : list_) {
      const std::string id = one["descriptor"]["id"];
      one["descriptor"]["index"] = index.at(id);
    }
    result.invocation["toolExecutionNotifications"] = std::move(list_);
    return result;
  }

 private:
  std::map<std::string_view, std::string_view> levels_;  // by id: sorted
  Json list_ = Json::array();
};

bool add_gap(Notifications& notifications, const Gap& gap) {
  std::string text = "Not looked into: '" + printable(gap.trail.text()) + "'";
  if (!gap.detail.empty()) text += ", " + printable(gap.detail);
  if (gap.bytes > 0) text += " (" + counted(gap.bytes, "byte") + ")";
  Json properties = {{"trail", printable(gap.trail.text())},
                     {"byteOffset", gap.offset},
                     {"bytes", gap.bytes},
                     {"outside", is_outside(gap.reason)}};
  if (!gap.accepted.empty()) {
    text += ", accepted by " + printable(gap.accepted);
    properties["accepted"] = printable(gap.accepted);
  }
  return notifications.add(gap_name(gap.reason), is_open(gap) ? "error" : "note", text,
                           std::move(properties));
}

// Worst first: what there is no room for is the least.
std::size_t add_all(Notifications& notifications, const Report& report, const Run& run) {
  std::size_t left_out = 0;
  for (const Error& failure : report.failures) {
    left_out += notifications.add(kFailure, "error", failure.what) ? 0u : 1u;
  }
  for (const Gap* gap : run.gaps) left_out += add_gap(notifications, *gap) ? 0u : 1u;
  if (!run.first) return left_out;
  for (const Anomaly& anomaly : report.anomalies) {
    const std::string text = "Odd: '" + printable(anomaly.trail.text()) + "', " + anomaly.what;
    left_out += notifications.add(kAnomaly, "warning", text) ? 0u : 1u;
  }
  for (const std::string& note : report.artifact.notes) {
    left_out += notifications.add(kNote, "note", note) ? 0u : 1u;
  }
  for (const std::string& note : report.policy_notes) {
    left_out += notifications.add(kNote, "note", note) ? 0u : 1u;
  }
  return left_out;
}

std::string_view exit_description(int exit_code) {
  switch (exit_code) {
    case 0:
      return "complete, no finding at or above the level that fails";
    case 1:
      return "findings at or above the level that fails";
    case 3:
      return "no such finding, but incomplete";
    default:
      return "no verdict";
  }
}

}  // namespace

Invocation invocation(const Report& report, const Run& run, const Style& style) {
  Notifications notifications;
  const std::size_t left_out = add_all(notifications, report, run);
  if (run.findings_in_all > run.findings.size()) {
    notifications.put(kMoreResults, "warning",
                      "There are " + counted(run.findings_in_all, "finding") + "; the " +
                          grouped(run.findings.size()) + " worst are shown here",
                      {});
  }
  if (left_out > 0) {
    notifications.put(kMoreNotifications, "warning",
                      "There are " + counted(left_out, "notification") + " more than shown here",
                      {});
  }
  Invocation result = notifications.finish();
  Json& json = result.invocation;
  json["executionSuccessful"] = report.coverage.complete && report.failures.empty();
  json["exitCode"] = report.exit_code;
  json["exitCodeDescription"] = exit_description(report.exit_code);
  if (!style.start_time.empty()) json["startTimeUtc"] = style.start_time;
  if (!style.end_time.empty()) json["endTimeUtc"] = style.end_time;
  return result;
}

}  // namespace minescan::report::sarif
