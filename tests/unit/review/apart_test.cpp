#include "review/apart.h"

#include <doctest/doctest.h>

#include "base/wire.h"
#include "match/matcher.h"
#include "review/facts.h"
#include "support/task_here.h"

using namespace minescan;
using namespace minescan::review;

namespace {

const std::string kAfter = "FROM a:1\n";

// What a worker says in place of facts_task().
std::optional<std::vector<Line>> said(
    const std::vector<std::pair<std::uint64_t, std::string>>& lines,
    const std::string& behind = "") {
  WireWriter out;
  out.list(lines, [&](const auto& line) {
    out.number(line.first);
    out.text(line.second);
  });
  const std::string bytes = out.take() + behind;
  return fact_lines_from_bytes(as_bytes(bytes), "Dockerfile", kAfter);
}

std::shared_ptr<const match::SignatureSet> change_signatures() {
  const auto set = match::SignatureSet::compile({{"changes.yaml", R"(
- indicator: in-text
  literal: hook
  in: [text]
  hits: [hook]
  misses: [look]
- indicator: hook
  match: 'install hook [a-z]{1,20}'
  in: [change]
  hits: ['install hook x']
  misses: ['install x']
- rule: MSN1001
  name: Hook
  title: A hook.
  description: It is a hook.
  class: miner
  family: test
  level: error
  confidence: high
  when: in-text
  help: Remove it.
  references: ['https://minescan.example/hook']
  attack: T1496.001
  hits: [hook]
  misses: [nothing]
)"}});
  const std::string error = set ? "" : set.error().what;
  INFO(error);
  REQUIRE(set.has_value());
  return *set;
}

}  // namespace

TEST_CASE("apart: a line that comes back is one, and lies in its text") {
  REQUIRE(said({{1, "base image added: a:1"}, {2, "x"}}).has_value());
  CHECK(said({{1, "base image added: a:1"}})->at(0) ==
        Line{"Dockerfile", 1, "base image added: a:1"});
  CHECK_FALSE(said({{0, "x"}}));
  CHECK_FALSE(said({{3, "x"}}));
  CHECK_FALSE(said({{1, ""}}));
  CHECK_FALSE(said({{1, "x\ny"}}));
  CHECK_FALSE(said({{1, std::string(5000, 'x')}}));
  CHECK_FALSE(said({{1, "x"}}, "more"));
  CHECK_FALSE(said(std::vector<std::pair<std::uint64_t, std::string>>(kMostFacts + 1, {1, "x"})));
}

TEST_CASE("apart: a file whose reader is lost is named, and other lines are there") {
  SeenFile file{.type = "Dockerfile", .trail = {}, .digest = "1", .text = kAfter};
  test::TaskLost runner;
  const Changed changed = compare_files({}, {{"Dockerfile", file}}, runner);
  REQUIRE(changed.unread.size() == 1);
  CHECK(changed.unread[0].path == "Dockerfile");
  CHECK(changed.unread[0].error.code == Code::worker_crash);
  REQUIRE(changed.lines.size() == 1);
  CHECK(changed.lines[0].text == "container build added");
}

TEST_CASE("apart: lines are matched where the file lies, each by itself") {
  const auto signatures = change_signatures();
  const auto matcher = match::Matcher::create(signatures);
  REQUIRE(matcher.has_value());
  test::TaskHere runner([&](ByteView input) { return changes_task(input, **matcher); });
  std::vector<Line> lines(5000, Line{"f", 7, "nothing"});
  lines[0] = {"f", 0, "the install hook postinstall"};
  lines[4999] = {"f", 9, "install hook prepare"};
  std::vector<Evidence> evidence;
  REQUIRE(match_lines(lines, Trail{{{Step::Kind::unit, "f"}}}, *signatures, runner, evidence));
  CHECK(runner.runs == 2);
  REQUIRE(evidence.size() == 2);
  CHECK(evidence[0].indicator == "hook");
  CHECK(evidence[0].trail.steps.back().name == "change");
  CHECK(evidence[0].offset == 4);
  CHECK(evidence[0].length == 24);
  CHECK(evidence[1].trail.steps.back().name == "line 9");
  CHECK(evidence[1].excerpt == "install hook prepare");
  test::TaskLost lost;
  const auto done = match_lines(lines, {}, *signatures, lost, evidence);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == Code::worker_crash);
}

TEST_CASE("apart: a match that comes back is of an indicator for changes, and lies in its line") {
  const auto signatures = change_signatures();
  const auto believed = [&](match::Match match, std::size_t texts = 1) {
    const std::string bytes = matches_bytes(Matches(1, {std::move(match)}));
    return matches_from_bytes(as_bytes(bytes), std::vector<std::string>(texts, "abc"), *signatures)
        .has_value();
  };
  CHECK(believed({.indicator = 1, .start = 0, .length = 3, .captures = {{"a", "b"}, {"c", "d"}}}));
  CHECK_FALSE(believed({.indicator = 0, .start = 0, .length = 3, .captures = {}}));
  CHECK_FALSE(believed({.indicator = 2, .start = 0, .length = 3, .captures = {}}));
  CHECK_FALSE(believed({.indicator = 1, .start = 1, .length = 3, .captures = {}}));
  CHECK_FALSE(believed({.indicator = 1, .start = 4, .length = 0, .captures = {}}));
  CHECK_FALSE(believed({.indicator = 1, .start = 0, .length = 1, .captures = {}}, 2));
  CHECK_FALSE(believed(
      {.indicator = 1, .start = 0, .length = 1, .captures = {{"a", std::string(10'000, 'x')}}}));
}
