#include "examine/recorder.h"

namespace minescan::examine {
namespace {

// A hostile archive can hold millions of broken entries; these many of each are told one by one,
// the rest as a number.
constexpr std::size_t kMostGaps = 10'000;
constexpr std::size_t kMostAnomalies = 1'000;
constexpr std::size_t kMostEvidence = 100'000;
// A library has thousands of fat binaries, and what is odd in one is odd in all.
constexpr std::uint64_t kAlike = 5;

// The same for anomalies that differ by numbers only, as places and lengths are.
std::string kind_of(const Trail& trail, std::string_view what) {
  std::string kind;
  for (const Step& step : trail.steps) {
    if (step.kind != Step::Kind::offset) kind += step.name;
    kind += '\0';
  }
  for (const char c : what) {
    if (c < '0' || c > '9') kind += c;
  }
  return kind;
}

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
  const std::string kind = kind_of(trail, what);
  const auto known = alike_.find(kind);
  if (known != alike_.end() && known->second.count >= kAlike) {
    Alike& alike = known->second;
    anomalies[alike.last].what =
        alike.what + ", and " + std::to_string(++alike.count - kAlike) + " more like it";
    return;
  }
  if (anomalies.size() < kMostAnomalies) {
    Alike& alike = alike_[kind];
    ++alike.count;
    alike.last = anomalies.size();
    alike.what = what;
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
