#pragma once
// Where tasks (model/task.h) are done: by a worker of the sandbox, or in this process where there
// is none, by the same functions and the same messages.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "examine/worker/desk.h"
#include "match/matcher.h"
#include "model/task.h"

namespace minescan::app {

// The table: what each task calls.
std::string perform(Task task, Source& input, const Give& give, match::Matcher& matcher);

class Tasks final : public TaskRunner {
 public:
  // `nursery` outlives it; nullptr = in this process.  A worker that makes no progress for
  // `patience` is ended.
  Tasks(examine::worker::Nursery* nursery, std::chrono::milliseconds patience,
        std::shared_ptr<const match::SignatureSet> signatures);

  // One task after another, whichever threads ask: they are small, and a large stream comes before
  // there are threads.  One whose worker was lost is done once more by a new one.
  Result<void> run_stream(Task task, TaskStream& stream) override;

 private:
  Result<void> here(Task task, TaskStream& stream);

  std::mutex mutex_;
  std::unique_ptr<examine::worker::Desk> desk_;  // nullptr = in this process
  std::shared_ptr<const match::SignatureSet> signatures_;
  std::unique_ptr<match::Matcher> matcher_;  // of this process, once it is needed
};

}  // namespace minescan::app
