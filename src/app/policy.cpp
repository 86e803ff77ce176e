#include "app/policy.h"

#include <algorithm>

#include "app/clock.h"

namespace minescan::app {
namespace {

constexpr std::size_t kMostConfig = std::size_t{1} << 20;
constexpr std::size_t kMostBaseline = std::size_t{256} << 20;

}  // namespace

std::string today() { return utc("%Y-%m-%d"); }

void PolicyOfRun::apply(Report& report) const {
  if (file) judge::apply_ignored(*file, today(), report);
  std::vector<judge::AcceptedGap> all = accepted;
  if (file) all.insert(all.end(), file->accepted.begin(), file->accepted.end());
  if (!all.empty()) judge::accept_gaps(all, today(), report);
  if (!baseline_ids.empty()) {
    judge::apply_baseline({.keys = {}, .ids = baseline_ids, .reason = "it is in the baseline"},
                          report);
  }
}

Result<void> add_options(const Options& options, PolicyOfRun& policy) {
  for (const std::string& text : options.accept_gaps) {
    MINESCAN_TRY_ASSIGN(judge::AcceptedGap accepted, judge::parse_accepted_gap(text));
    policy.accepted.push_back(std::move(accepted));
  }
  if (options.baseline.empty()) return {};
  MINESCAN_TRY_ASSIGN(const std::string text, acquire::read_text(options.baseline, kMostBaseline));
  MINESCAN_TRY_ASSIGN(auto ids, judge::ids_in_report(options.baseline, as_bytes(text)));
  policy.baseline_ids.insert(policy.baseline_ids.end(), ids.begin(), ids.end());
  std::sort(policy.baseline_ids.begin(), policy.baseline_ids.end());
  return {};
}

Result<PolicyOfRun> policy_from_options(const Options& options) {
  PolicyOfRun policy;
  if (!options.config.empty()) {
    MINESCAN_TRY_ASSIGN(const std::string text, acquire::read_text(options.config, kMostConfig));
    MINESCAN_TRY_ASSIGN(policy.file, judge::parse_policy(options.config, as_bytes(text), today()));
    if (!policy.file->baseline.empty()) {
      MINESCAN_TRY_ASSIGN(const std::string report,
                          acquire::read_text(policy.file->baseline, kMostBaseline));
      MINESCAN_TRY_ASSIGN(policy.baseline_ids,
                          judge::ids_in_report(policy.file->baseline, as_bytes(report)));
    }
  }
  MINESCAN_TRY(add_options(options, policy));
  return policy;
}

}  // namespace minescan::app
