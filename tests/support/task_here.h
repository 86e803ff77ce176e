#pragma once
// A task that is done in the test's own process, by the function that a worker would call or by one
// that lies.

#include <functional>
#include <string>
#include <utility>

#include "model/task.h"

namespace minescan::test {

class TaskHere final : public TaskRunner {
 public:
  using Perform = std::function<std::string(ByteView input)>;
  explicit TaskHere(Perform perform) : perform_(std::move(perform)) {}

  Result<void> run(Task /*task*/, ByteView input, const Take& take) override {
    ++runs;
    const std::string answer = perform_(input);
    if (take(as_bytes(answer))) return {};
    return fail(Code::worker_crash, "it was not believed");
  }

  int runs = 0;

 private:
  Perform perform_;
};

// One whose workers are all lost.
class TaskLost final : public TaskRunner {
 public:
  Result<void> run(Task /*task*/, ByteView /*input*/, const Take& /*take*/) override {
    return fail(Code::worker_crash, "it was lost twice");
  }
};

}  // namespace minescan::test
