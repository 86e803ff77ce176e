#include "app/scan.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "app/progress.h"
#include "examine/examine.h"
#include "judge/judge.h"
#include "match/matcher.h"

namespace minescan::app {
namespace {

// Counts what is read of a unit for the progress line.
class CountingSource final : public Source {
 public:
  CountingSource(Source& inner, std::atomic<std::uint64_t>& count) : inner_(inner), count_(count) {}
  ByteView peek(std::size_t want) override { return inner_.peek(want); }
  void skip(std::size_t n) override {
    inner_.skip(n);
    count_.fetch_add(n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t position() const override { return inner_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override { return inner_.fault(); }

 private:
  Source& inner_;
  std::atomic<std::uint64_t>& count_;
};

// Whether a failure leaves the scan without a verdict, rather than with a gap.
bool is_failure(Code code) {
  return code == Code::integrity || code == Code::unreachable || code == Code::refused;
}

// The records of all units, however many threads made them.
struct Examined {
  std::vector<Record> records;
  std::vector<Error> failures;  // in the units' order
};

class Examiner {
 public:
  Examiner(const acquire::Acquired& acquired, const Limits& limits, Recall& recall,
           Progress& progress)
      : acquired_(acquired),
        limits_(limits),
        recall_(recall),
        progress_(progress),
        records_(acquired.artifact.units.size()),
        failures_(acquired.artifact.units.size()) {}

  Result<Examined> run(const std::shared_ptr<const match::SignatureSet>& signatures, unsigned jobs);

 private:
  // Calls work(thread, unit) for every unit in order_ from `jobs` threads.
  template <class Work>
  void side_by_side(std::size_t jobs, const Work& work);
  void recall_units(std::size_t jobs);
  void work(match::Matcher& matcher, std::size_t index);
  void examine_unit(std::size_t index, match::Matcher& matcher);
  void lose_unit(std::size_t index, GapReason reason, const std::string& what);

  const acquire::Acquired& acquired_;
  const Limits limits_;
  Recall& recall_;
  Progress& progress_;
  std::vector<std::size_t> order_;  // largest first, so that the last to end is a small one
  std::vector<Record> records_;
  std::vector<std::optional<Error>> failures_;
};

void Examiner::lose_unit(std::size_t index, GapReason reason, const std::string& what) {
  const Unit& unit = acquired_.artifact.units[index];
  Record record;
  record.gaps.push_back({.trail = {{Step{Step::Kind::unit, unit.name}}},
                         .reason = reason,
                         .detail = what,
                         .bytes = unit.size});
  record.ledger = {.bytes = unit.size, .gap = unit.size, .nodes = 1};
  records_[index] = std::move(record);
}

void Examiner::examine_unit(std::size_t index, match::Matcher& matcher) {
  const Unit& unit = acquired_.artifact.units[index];
  const auto opened = acquired_.opener->open(unit);
  if (!opened) {
    const Error& error = opened.error();
    if (is_failure(error.code)) failures_[index] = error;
    lose_unit(index, gap_reason(error.code), error.what);
    return;
  }
  CountingSource counted(**opened, progress_.bytes);
  records_[index] = examine::examine(unit, counted, matcher, limits_);
  // Only a source at its end knows whether it kept its promise.
  const bool ended = counted.peek(1).empty();
  const auto fault = counted.fault();
  if (fault && is_failure(fault->code)) failures_[index] = fault;
  if (ended && !fault) recall_.keep(unit, records_[index]);
}

void Examiner::work(match::Matcher& matcher, std::size_t index) {
  try {
    examine_unit(index, matcher);
  } catch (const std::bad_alloc&) {
    lose_unit(index, GapReason::limit_memory, "no memory to examine it");
  } catch (const std::exception& e) {
    lose_unit(index, GapReason::internal_error, std::string("minescan failed on it: ") + e.what());
  }
  ++progress_.units;
}

template <class Work>
void Examiner::side_by_side(std::size_t jobs, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&](std::size_t thread) {
    for (std::size_t at = next++; at < order_.size(); at = next++) work(thread, order_[at]);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(jobs, order_.size()); ++i) threads.emplace_back(take, i);
  take(0);
}

// What is known of units needs neither their bytes nor a matcher, which takes longer to make.
void Examiner::recall_units(std::size_t jobs) {
  std::vector<std::uint8_t> known(records_.size(), 0);
  side_by_side(jobs, [&](std::size_t /*thread*/, std::size_t index) {
    const Unit& unit = acquired_.artifact.units[index];
    auto record = recall_.find(unit);
    if (!record) return;
    records_[index] = std::move(*record);
    known[index] = 1;
    progress_.bytes += unit.size;
    ++progress_.units;
  });
  std::erase_if(order_, [&](std::size_t index) { return known[index] != 0; });
}

Result<Examined> Examiner::run(const std::shared_ptr<const match::SignatureSet>& signatures,
                               unsigned jobs) {
  const auto& units = acquired_.artifact.units;
  order_.resize(units.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return units[a].size > units[b].size; });
  const std::size_t workers = std::max(1u, jobs);
  recall_units(workers);
  std::vector<std::unique_ptr<match::Matcher>> matchers;
  for (std::size_t i = 0; i < std::min(workers, order_.size()); ++i) {
    MINESCAN_TRY_ASSIGN(auto matcher, match::Matcher::create(signatures));
    matchers.push_back(std::move(matcher));
  }
  side_by_side(workers,
               [&](std::size_t thread, std::size_t index) { work(*matchers[thread], index); });
  Examined examined{.records = std::move(records_), .failures = {}};
  for (auto& failure : failures_) {
    if (failure) examined.failures.push_back(std::move(*failure));
  }
  return examined;
}

Result<acquire::Acquired> acquire_target(const Options& options) {
  switch (options.command) {
    case Command::image:
      return acquire::image(options.target, options.acquire);
    case Command::package:
      return acquire::package(options.target);
    default:
      return acquire::tree(options.target);
  }
}

}  // namespace

Result<Report> scan(const Options& options,
                    const std::shared_ptr<const match::SignatureSet>& signatures,
                    const Limits& limits, Recall& recall, bool show_progress) {
  MINESCAN_TRY_ASSIGN(acquire::Acquired acquired, acquire_target(options));
  const auto& units = acquired.artifact.units;
  const std::uint64_t bytes =
      std::accumulate(units.begin(), units.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const Unit& unit) { return sum + unit.size; });
  const unsigned jobs = options.jobs != 0 ? options.jobs : std::thread::hardware_concurrency();
  Examined examined;
  {
    Progress progress(show_progress, acquired.artifact.name, bytes, units.size());
    Examiner examiner(acquired, limits, recall, progress);
    MINESCAN_TRY_ASSIGN(examined, examiner.run(signatures, jobs));
  }
  for (Gap& gap : acquired.opener->late_gaps()) acquired.artifact.gaps.push_back(std::move(gap));
  Report report =
      judge::judge(std::move(acquired.artifact), examined.records, std::move(examined.failures),
                   *signatures, {.fail_on = options.fail_on});
  report.tool_version = MINESCAN_VERSION;
  return report;
}

}  // namespace minescan::app
