#include "examine/recorder.h"

#include <algorithm>
#include <iterator>

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
  settle();
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
  settle();
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
  settle();
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
  ++own_evidence_;
  return true;
}

bool Recorder::take(Recorder& part) {
  Record& more = part.record_;
  if (part.more_gaps_ != 0 || part.more_anomalies_ != 0 || part.evidence_full_) return false;
  if (record_.gaps.size() + more.gaps.size() > kMostGaps ||
      record_.anomalies.size() + more.anomalies.size() > kMostAnomalies ||
      record_.evidence.size() + more.evidence.size() > kMostEvidence ||
      record_.packages.size() + more.packages.size() > kMostInstalled) {
    return false;
  }
  const auto known = [&](const auto& alike) { return alike_.contains(alike.first); };
  if (std::any_of(part.alike_.begin(), part.alike_.end(), known)) return false;
  for (auto& [kind, alike] : part.alike_) {
    alike.last += record_.anomalies.size();
    alike_.emplace(kind, std::move(alike));
  }
  const auto move_all = [](auto& from, auto& to) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  move_all(more.evidence, record_.evidence);
  move_all(more.contents, record_.contents);
  move_all(more.gaps, record_.gaps);
  move_all(more.anomalies, record_.anomalies);
  move_all(more.packages, record_.packages);
  record_.ledger += more.ledger;
  return true;
}

}  // namespace minescan::examine
