#include "model/task.h"

#include <optional>
#include <utility>

#include "model/limits.h"

namespace minescan {
namespace {

class Whole final : public TaskStream {
 public:
  Whole(ByteView input, const TaskRunner::Take& take) : input_(input), take_(take) {}
  Result<Source*> begin() override { return &source_.emplace(input_); }
  Result<void> take(ByteView /*made*/) override {
    return fail(Code::internal, "it makes what nobody asked for");
  }
  bool end(ByteView answer) override { return take_(answer); }

 private:
  const ByteView input_;
  const TaskRunner::Take& take_;
  std::optional<MemorySource> source_;
};

}  // namespace

Result<void> TaskRunner::run(Task task, ByteView input, const Take& take) {
  if (input.size() > kMostTaskBytes) {
    return fail(Code::limit_bytes,
                "it takes more than " + std::to_string(kMostTaskBytes >> 20) + " MiB to read it");
  }
  Whole whole(input, take);
  return run_stream(task, whole);
}

Result<void> run_here(TaskStream& stream,
                      const std::function<std::string(Source& input, const Give& give)>& perform) {
  MINESCAN_TRY_ASSIGN(Source* const input, stream.begin());
  std::optional<Error> stopped;
  const std::string answer = perform(*input, [&](ByteView made) {
    if (made.empty()) return true;
    if (auto taken = stream.take(made); !taken) stopped = std::move(taken.error());
    return !stopped;
  });
  if (stopped) return tl::unexpected<Error>(std::move(*stopped));
  if (stream.end(as_bytes(answer))) return {};
  return fail(Code::internal, "what was read of it is not as it should be");
}

}  // namespace minescan
