#include "app/examiner.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "app/progress.h"
#include "examine/examine.h"
#include "examine/lost.h"
#include "judge/judge.h"

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

}  // namespace

bool is_failure(Code code) {
  return code == Code::integrity || code == Code::unreachable || code == Code::refused;
}

void tell_no_archive(const Unit& unit, Record& record) {
  // Of an archive something was decoded: its members, or what its compression hid.
  if (record.ledger.decoded != 0 || !record.gaps.empty()) return;
  record.gaps.push_back({.trail = {{Step{Step::Kind::unit, unit.name}}},
                         .reason = GapReason::decode_corrupt,
                         .detail = "what the registry sent is no archive of a package"});
}

std::vector<Error> Examined::failures() const {
  std::vector<Error> failures;
  for (const auto& failure : unit_failures) {
    if (failure) failures.push_back(*failure);
  }
  return failures;
}

// One artifact's units, taken by several threads.
class Examiner::Run {
 public:
  Run(const Artifact& artifact, acquire::Opener& opener, const Examiner& examiner,
      Observer* observer, Progress& progress)
      : artifact_(artifact),
        opener_(opener),
        limits_(examiner.limits_),
        recall_(examiner.recall_),
        observer_(observer),
        progress_(progress) {
    examined_.records.resize(artifact.units.size());
    examined_.unit_failures.resize(artifact.units.size());
    order_.resize(artifact.units.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return artifact.units[a].size > artifact.units[b].size;
    });
  }

  // What is known of units needs neither their bytes nor a matcher, which takes longer to make.
  void recall_units(std::size_t workers);
  // How many are left to be examined.
  [[nodiscard]] std::size_t left() const { return order_.size(); }
  // Examines them: in this process with a matcher a thread, or each thread at a desk.
  using Matchers = std::vector<std::unique_ptr<match::Matcher>>;
  using Desks = std::vector<std::unique_ptr<examine::worker::Desk>>;
  Examined with(const Matchers& matchers, const Desks& desks, std::size_t workers);

 private:
  // Calls work(thread, unit) for every unit in order_ from so many threads.
  template <class Work>
  void side_by_side(std::size_t workers, const Work& work);
  // One of them is there.
  void examine_unit(std::size_t index, match::Matcher* matcher, examine::worker::Desk* desk);
  void try_unit(std::size_t index, match::Matcher* matcher, examine::worker::Desk* desk);
  // What a worker made of it; false when the worker was lost.
  bool at_desk(std::size_t index, CountingSource& source, examine::worker::Desk& desk,
               bool& read_to_end);
  void lose_unit(std::size_t index, GapReason reason, const std::string& what);
  // One more, or so many more, of the jobs have no unit any more.
  void leave(std::size_t jobs);

  const Artifact& artifact_;
  acquire::Opener& opener_;
  const Limits& limits_;
  Recall& recall_;
  Observer* observer_;
  Progress& progress_;
  std::vector<std::size_t> order_;  // largest first, so that the last to end is a small one
  // Of a unit whose worker was lost: what the observer was told, and that it is tried once more.
  struct Again {
    std::size_t index = 0;
    std::uint64_t told = 0;
  };
  std::size_t busy_ = 0;  // jobs that have units
  std::size_t idle_ = 0;
  std::atomic<unsigned> spare_ = 0;  // how many threads may help with each unit
  std::mutex mutex_;
  std::vector<Again> again_;
  const Again* second_ = nullptr;  // the one that is tried now
  Examined examined_;
};

void Examiner::Run::lose_unit(std::size_t index, GapReason reason, const std::string& what) {
  examined_.records[index] = examine::lost(artifact_.units[index], reason, what);
}

bool Examiner::Run::at_desk(std::size_t index, CountingSource& source, examine::worker::Desk& desk,
                            bool& read_to_end) {
  auto outcome = desk.examine({.unit = artifact_.units[index], .observed = observer_ != nullptr},
                              source, observer_, second_ == nullptr ? 0 : second_->told,
                              second_ == nullptr ? &spare_ : nullptr);
  if (outcome.record) {
    examined_.records[index] = std::move(*outcome.record);
    read_to_end = outcome.read_to_end;
    return true;
  }
  if (second_ == nullptr) {
    // Perhaps it was somebody else's doing: it is tried again when there is nobody else.
    const std::lock_guard lock(mutex_);
    again_.push_back({index, outcome.events});
    return false;
  }
  lose_unit(
      index, outcome.lost.reason,
      "nothing of " + artifact_.units[index].name +
          " is known, because the worker that examined it was lost twice: " + outcome.lost.detail);
  examined_.records[index].gaps.front().trail = std::move(outcome.lost.trail);
  return false;
}

void Examiner::Run::examine_unit(std::size_t index, match::Matcher* matcher,
                                 examine::worker::Desk* desk) {
  const Unit& unit = artifact_.units[index];
  const auto opened = opener_.open(unit);
  if (!opened) {
    const Error& error = opened.error();
    if (is_failure(error.code)) examined_.unit_failures[index] = error;
    lose_unit(index, gap_reason(error.code), error.what);
    return;
  }
  CountingSource counted(**opened, progress_.bytes);
  bool read_to_end = true;
  if (desk == nullptr) {
    examined_.records[index] = examine::examine(unit, counted, *matcher, limits_, observer_);
  } else if (!at_desk(index, counted, *desk, read_to_end)) {
    return;
  }
  // Only a source at its end knows whether it kept its promise.
  if (!read_to_end || !counted.peek(1).empty()) return;
  const auto fault = counted.fault();
  if (fault && is_failure(fault->code)) examined_.unit_failures[index] = fault;
  if (!fault) recall_.keep(unit, examined_.records[index]);
}

void Examiner::Run::try_unit(std::size_t index, match::Matcher* matcher,
                             examine::worker::Desk* desk) {
  try {
    examine_unit(index, matcher, desk);
  } catch (const std::bad_alloc&) {
    lose_unit(index, GapReason::limit_memory, "no memory to examine it");
  } catch (const std::exception& e) {
    lose_unit(index, GapReason::internal_error, std::string("minescan failed on it: ") + e.what());
  }
}

void Examiner::Run::leave(std::size_t jobs) {
  const std::lock_guard lock(mutex_);
  idle_ += jobs;
  busy_ -= std::min(busy_, jobs);
  // Decompression and hashing keep a second core busy for each unit.
  const std::size_t spare = idle_ - std::min(idle_, busy_);
  spare_ = busy_ == 0 ? 0 : static_cast<unsigned>(spare / busy_);
}

template <class Work>
void Examiner::Run::side_by_side(std::size_t workers, const Work& work) {
  std::atomic<std::size_t> next = 0;
  busy_ = workers;
  idle_ = 0;
  leave(workers - std::min(workers, order_.size()));
  const auto take = [&](std::size_t thread) {
    for (std::size_t at = next++; at < order_.size(); at = next++) work(thread, order_[at]);
    leave(1);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(workers, order_.size()); ++i) threads.emplace_back(take, i);
  take(0);
}

void Examiner::Run::recall_units(std::size_t workers) {
  std::vector<std::uint8_t> known(order_.size(), 0);
  side_by_side(workers, [&](std::size_t /*thread*/, std::size_t index) {
    const Unit& unit = artifact_.units[index];
    std::optional<Record> record;
    try {
      record = recall_.find(unit);
    } catch (const std::exception&) {
      return;  // then it is examined
    }
    if (!record) return;
    examined_.records[index] = std::move(*record);
    known[index] = 1;
    progress_.bytes += unit.size;
    ++progress_.units;
  });
  std::erase_if(order_, [&](std::size_t index) { return known[index] != 0; });
}

Examined Examiner::Run::with(const Matchers& matchers, const Desks& desks, std::size_t workers) {
  side_by_side(workers, [&](std::size_t thread, std::size_t index) {
    try_unit(index, desks.empty() ? matchers[thread].get() : nullptr,
             desks.empty() ? nullptr : desks[thread].get());
    ++progress_.units;
  });
  std::sort(again_.begin(), again_.end(),
            [](const Again& a, const Again& b) { return a.index < b.index; });
  // Each alone: with a new worker, and no other.
  if (!again_.empty()) {
    for (const auto& desk : desks) desk->replace();
  }
  for (const Again& again : again_) {
    second_ = &again;
    try_unit(again.index, nullptr, desks.front().get());
    desks.front()->replace();
  }
  return std::move(examined_);
}

Examiner::Examiner(std::shared_ptr<const match::SignatureSet> signatures, const Limits& limits,
                   Recall& recall, const Settings& settings)
    : signatures_(std::move(signatures)), limits_(limits), recall_(recall), settings_(settings) {}

Examiner::~Examiner() = default;

Result<void> Examiner::make_matchers(std::size_t count) {
  while (matchers_.size() < count) {
    MINESCAN_TRY_ASSIGN(auto matcher, match::Matcher::create(signatures_));
    matchers_.push_back(std::move(matcher));
  }
  return {};
}

Result<Examined> Examiner::run(Artifact& artifact, acquire::Opener& opener, Observer* observer,
                               unsigned jobs) {
  auto& units = artifact.units;
  const std::uint64_t bytes =
      std::accumulate(units.begin(), units.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const Unit& unit) { return sum + unit.size; });
  const std::size_t workers = std::max(1u, jobs != 0 ? jobs : settings_.jobs);
  Progress progress(settings_.show_progress, artifact.name, bytes, units.size());
  Run work(artifact, opener, *this, observer, progress);
  if (observer == nullptr) work.recall_units(workers);
  const std::size_t threads = std::min(workers, work.left());
  if (settings_.nursery == nullptr) MINESCAN_TRY(make_matchers(threads));
  while (settings_.nursery != nullptr && desks_.size() < threads) {
    desks_.push_back(
        std::make_unique<examine::worker::Desk>(*settings_.nursery, settings_.patience));
  }
  Examined examined = work.with(matchers_, desks_, workers);
  // Registries of packages do not say how large a file is.
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i].size == 0) units[i].size = examined.records[i].unit_bytes;
  }
  return examined;
}

Report Examiner::judge(Artifact artifact, const std::vector<Record>& records,
                       std::vector<Error> failures) const {
  return judge::judge(std::move(artifact), records, std::move(failures), *signatures_,
                      {.fail_on = settings_.fail_on});
}

}  // namespace minescan::app
