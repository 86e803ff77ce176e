#include "app/tasks.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "support/reading.h"
#include "support/signatures.h"

using namespace minescan;

namespace {

// Makes half of what it is to make, then ends as its input says.
std::string half(Task /*task*/, Source& input, const Give& give, match::Matcher& /*matcher*/) {
  const std::string text = test::read_all(input).bytes;
  give(as_bytes("first "));
  if (text == "crash") std::abort();
  give(as_bytes("second"));
  return text;
}

class Collected final : public TaskStream {
 public:
  // What each beginning is given.
  explicit Collected(std::vector<std::string> inputs) : inputs_(std::move(inputs)) {}
  Result<Source*> begin() override {
    made.clear();
    return &source_.emplace(as_bytes(inputs_.at(begun++)));
  }
  Result<void> take(ByteView bytes) override {
    made += as_text(bytes);
    return {};
  }
  bool end(ByteView answer) override {
    made += as_text(answer);
    return true;
  }

  std::size_t begun = 0;
  std::string made;

 private:
  std::vector<std::string> inputs_;
  std::optional<MemorySource> source_;
};

}  // namespace

TEST_CASE("tasks: what a lost worker made is forgotten, and a second loss is an error") {
  const auto signatures = test::small_signatures();
  const auto matcher = match::Matcher::create(signatures);
  const auto nursery = examine::worker::Nursery::start(
      {.matcher = matcher->get(), .limits = {}, .perform = half, .told = {}});
  REQUIRE(nursery.has_value());
  app::Tasks tasks(nursery->get(), std::chrono::seconds(60), signatures);
  Collected never({"!"}), once({"crash", "!"}), twice({"crash", "crash", "!"});
  REQUIRE(tasks.run_stream(Task::unpack, never).has_value());
  CHECK(never.made == "first second!");
  REQUIRE(tasks.run_stream(Task::unpack, once).has_value());
  CHECK(once.made == "first second!");
  CHECK(once.begun == 2);
  const auto lost = tasks.run_stream(Task::unpack, twice);
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().code == Code::worker_crash);
  CHECK(lost.error().what.find("lost twice") != std::string::npos);
  CHECK(twice.begun == 2);
  // A task that only answers may make nothing.
  const auto more = tasks.run(Task::facts, as_bytes("!"), [](ByteView) { return true; });
  REQUIRE_FALSE(more.has_value());
  CHECK(more.error().code == Code::worker_crash);
}
