#pragma once
// A task that is done in the test's own process, by the function that a worker would call or by one
// that lies.

#include <functional>
#include <string>
#include <utility>

#include "model/task.h"
#include "support/reading.h"

namespace minescan::test {

class TaskHere final : public TaskRunner {
 public:
  using Perform = std::function<std::string(ByteView input)>;
  explicit TaskHere(Perform perform) : perform_(std::move(perform)) {}

  Result<void> run_stream(Task /*task*/, TaskStream& stream) override {
    ++runs;
    MINESCAN_TRY_ASSIGN(Source* const input, stream.begin());
    const std::string answer = perform_(as_bytes(read_all(*input).bytes));
    if (stream.end(as_bytes(answer))) return {};
    return fail(Code::worker_crash, "it was not believed");
  }

  int runs = 0;

 private:
  Perform perform_;
};

// One whose workers are all lost.
class TaskLost final : public TaskRunner {
 public:
  Result<void> run_stream(Task /*task*/, TaskStream& /*stream*/) override {
    return fail(Code::worker_crash, "it was lost twice");
  }
};

}  // namespace minescan::test
