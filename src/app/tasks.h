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
std::string perform(Task task, ByteView input, match::Matcher& matcher);

class Tasks final : public TaskRunner {
 public:
  // `nursery` outlives it; nullptr = in this process.  A worker that makes no progress for
  // `patience` is ended.
  Tasks(examine::worker::Nursery* nursery, std::chrono::milliseconds patience,
        std::shared_ptr<const match::SignatureSet> signatures);

  // One task after another, whichever threads ask: they are small.  One whose worker was lost is
  // done once more by a new one.
  Result<void> run(Task task, ByteView input, const Take& take) override;

 private:
  Result<void> run_here(Task task, ByteView input, const Take& take);

  std::mutex mutex_;
  std::unique_ptr<examine::worker::Desk> desk_;  // nullptr = in this process
  std::shared_ptr<const match::SignatureSet> signatures_;
  std::unique_ptr<match::Matcher> matcher_;  // of this process, once it is needed
};

}  // namespace minescan::app
