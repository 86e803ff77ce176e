#pragma once
// Where untrusted bytes are read: in confined processes, and what to say where that is not so.

#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/tasks.h"
#include "base/result.h"
#include "examine/worker/nursery.h"
#include "examine/worker/reading.h"
#include "match/matcher.h"
#include "model/limits.h"

namespace minescan::app {

class Sandbox {
 public:
  // Before there are threads, connections or credentials.  Errors: --require-sandbox where
  // something is missing.
  static Result<Sandbox> start(const Options& options,
                               const std::shared_ptr<const match::SignatureSet>& signatures,
                               const Limits& limits);
  // Forks the process that reads git's files for `minescan gate`, for one comparison; nothing
  // happens without a sandbox.  At the same time as start(), and with the same errors.
  Result<void> start_git(const Options& options);
  // Nothing is examined any more: processes end while the rest is done.
  void dismiss() {
    if (nursery_ != nullptr) nursery_->dismiss();
  }

  // nullptr when this process reads everything itself.
  [[nodiscard]] examine::worker::Nursery* nursery() const { return nursery_.get(); }
  // Does what else is done with untrusted bytes.
  [[nodiscard]] Tasks& tasks() const { return *tasks_; }
  // nullptr when this process reads git's files itself.
  [[nodiscard]] examine::worker::ReadingProcess* git() const { return git_.get(); }
  // What a report has to say: nothing where all is there.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  [[nodiscard]] Result<void> check(const Options& options) const;

  std::unique_ptr<match::Matcher> matcher_;  // what workers get a copy of
  std::unique_ptr<examine::worker::Nursery> nursery_;
  std::unique_ptr<Tasks> tasks_;
  std::unique_ptr<examine::worker::ReadingProcess> git_;
  std::string why_not_;
  std::string why_no_git_;
};

// `minescan doctor`: shows what this system gives.  The exit code: 0 when it is everything, 3 when
// something is missing.
Result<int> run_doctor(const Options& options);

}  // namespace minescan::app
