#pragma once
// Which findings do not count, by the options; and what day it is.

#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
#include "base/result.h"
#include "judge/policy.h"
#include "model/report.h"

namespace minescan::app {

// "2026-11-30" in UTC; SOURCE_DATE_EPOCH stands in for the clock.
std::string today();

struct PolicyOfRun {
  std::optional<judge::PolicyFile> file;
  std::vector<std::string> baseline_ids;     // sorted
  std::vector<judge::AcceptedGap> accepted;  // by --accept-gap
  void apply(Report& report) const;
};

// From --config, --baseline and --accept-gap; the configuration of what is scanned is never read.
Result<PolicyOfRun> policy_from_options(const Options& options);

// Adds what --baseline and --accept-gap name.
Result<void> add_options(const Options& options, PolicyOfRun& policy);

}  // namespace minescan::app
