#include "examine/recorder.h"

namespace minescan::examine {
namespace {

// A hostile archive can hold millions of broken entries; these many of each are told one by one,
// the rest as a number.
constexpr std::size_t kMostGaps = 10'000;
constexpr std::size_t kMostAnomalies = 1'000;
constexpr std::size_t kMostEvidence = 100'000;

}  // namespace

void Recorder::gap(Gap gap) {
  auto& gaps = record_.gaps;
  if (gaps.size() < kMostGaps) {
    gaps.push_back(std::move(gap));
    return;
  }
  if (++more_gaps_ == 1) {
    gaps.push_back({.trail = {{gap.trail.steps.front()}}, .reason = GapReason::limit_entries});
  }
  gaps.back().bytes += gap.bytes;
  gaps.back().detail = std::to_string(more_gaps_) + " further gaps are not listed";
}

void Recorder::anomaly(const Trail& trail, std::string what) {
  auto& anomalies = record_.anomalies;
  if (anomalies.size() < kMostAnomalies) {
    anomalies.push_back({.trail = trail, .what = std::move(what)});
    return;
  }
  if (++more_anomalies_ == 1) anomalies.push_back({.trail = {{trail.steps.front()}}, .what = {}});
  anomalies.back().what = std::to_string(more_anomalies_) + " further anomalies are not listed";
}

bool Recorder::evidence(Evidence evidence) {
  if (record_.evidence.size() >= kMostEvidence) {
    if (!evidence_full_) {
      evidence_full_ = true;
      gap({.trail = {{evidence.trail.steps.front()}},
           .reason = GapReason::limit_hits,
           .detail = "more than 100000 pieces of evidence in one unit"});
    }
    return false;
  }
  record_.evidence.push_back(std::move(evidence));
  return true;
}

}  // namespace minescan::examine
