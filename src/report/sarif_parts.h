#pragma once
// The parts of a SARIF log, one source file each.  The log is for GitHub code scanning first:
// what it requires stands, what it rejects does not. https://docs.oasis-open.org/sarif/sarif/v2.1.0
//
// Untrusted text is printable() here, since viewers show it as it is; exact bytes are in the JSON
// report.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "model/report.h"
#include "report/report.h"

namespace minescan::report::sarif {

// Shown where a rule names no reference.  A URI must stand there; it is not looked up.
inline constexpr std::string_view kHomePage = "https://minescan.example/";

// GitHub keeps 5,000 results of a run and refuses files over 10 MB.
inline constexpr std::size_t kMostResults = 5000;
inline constexpr std::size_t kMostNotifications = 1000;
inline constexpr std::size_t kMostEvidence = 3;  // per result

// One run of the log: the part of a report that belongs to one platform of an image, or all of it.
struct Run {
  std::string platform;  // "" when the report is not divided
  bool first = true;     // takes what belongs to no platform
  std::vector<const Finding*> findings;
  std::vector<const Gap*> gaps;
  std::size_t findings_in_all = 0;  // more than findings.size() when there were too many
};

// "text" for message objects: one line that ends in a full stop and holds no placeholder and no
// link but what minescan itself says.
std::string message_text(std::string_view text);

// --- sarif_rule.cpp
// The highest level that findings of a rule have in a run.  Alerts take their severity from the
// rule's descriptor: where contexts lower all of them, that is lowered too.
using Levels = std::unordered_map<const Rule*, Level>;
Json rules(const std::vector<const Rule*>& rules, const Levels& found);
// "9.8": GitHub's security-severity, of a rule's confidence at the level of a finding.
std::string_view security_severity(Level level, Confidence confidence);
// Whether a text is plainly an absolute URI: one bad character makes GitHub refuse the whole file.
bool is_plain_url(std::string_view text);

// --- sarif_result.cpp
using RuleIndex = std::unordered_map<const Rule*, std::size_t>;
Json result(const Report& report, const Finding& finding, const Run& run, const Style& style,
            const RuleIndex& index);

// --- sarif_invocation.cpp
struct Invocation {
  Json invocation;
  Json descriptors;  // of its notifications, for driver.notifications
};
Invocation invocation(const Report& report, const Run& run, const Style& style);

}  // namespace minescan::report::sarif
