#pragma once
// Examines the units of artifacts side by side, and judges them.

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "acquire/acquire.h"
#include "app/cache.h"
#include "base/result.h"
#include "examine/worker/desk.h"
#include "match/matcher.h"
#include "model/limits.h"
#include "model/observer.h"
#include "model/record.h"
#include "model/report.h"
#include "model/task.h"

namespace minescan::app {

// Whether a failure leaves the scan without a verdict, rather than with a gap.
bool is_failure(Code code);

// Whatever a registry sends for a package must be an archive; of anything else is said that it is
// none, as a gap: a page that asks for a login is no package.
void tell_no_archive(const Unit& unit, Record& record);

// The records of all units, however many threads made them, in the artifact's order.
struct Examined {
  std::vector<Record> records;
  std::vector<std::optional<Error>> unit_failures;  // transfer and integrity failures, by unit
  [[nodiscard]] std::vector<Error> failures() const;
};

class Examiner {
 public:
  struct Settings {
    unsigned jobs = 1;
    Level fail_on = Level::error;
    bool show_progress = false;
    examine::worker::Nursery* nursery = nullptr;  // makes the workers; nullptr = none are used
    TaskRunner* tasks = nullptr;
    std::chrono::milliseconds patience{0};  // with a worker that makes no progress
  };

  Examiner(std::shared_ptr<const match::SignatureSet> signatures, const Limits& limits,
           Recall& recall, const Settings& settings);
  ~Examiner();
  Examiner(const Examiner&) = delete;
  Examiner& operator=(const Examiner&) = delete;

  // `observer` sees all units examined; without one, units that are known are recalled.  `jobs`
  // other than 0 takes the place of the settings', for units that wait for a network.  Sizes that
  // nobody promised are put into the artifact.
  Result<Examined> run(Artifact& artifact, acquire::Opener& opener, Observer* observer = nullptr,
                       unsigned jobs = 0);

  // The report refers to the signatures, which must outlive it.
  [[nodiscard]] Report judge(Artifact artifact, const std::vector<Record>& records,
                             std::vector<Error> failures) const;
  void set_fail_on(Level level) { settings_.fail_on = level; }

  // What reads other untrusted bytes.
  [[nodiscard]] TaskRunner& tasks() const { return *settings_.tasks; }
  [[nodiscard]] const match::SignatureSet& signatures() const { return *signatures_; }

 private:
  class Run;
  Result<void> make_matchers(std::size_t count);

  std::shared_ptr<const match::SignatureSet> signatures_;
  const Limits& limits_;
  Recall& recall_;
  Settings settings_;
  std::vector<std::unique_ptr<match::Matcher>> matchers_;
  std::vector<std::unique_ptr<examine::worker::Desk>> desks_;  // one a thread
};

}  // namespace minescan::app
