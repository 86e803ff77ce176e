#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "report/github_encode.h"
#include "report/report.h"
#include "support/sample_reports.h"

using namespace minescan;
using namespace minescan::report;

namespace {

std::vector<std::string> lines(const Report& report, const Style& style = {}) {
  const std::string all = format_by_name("github")->write(report, style);
  std::vector<std::string> found;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    REQUIRE(end != std::string::npos);
    found.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

std::ptrdiff_t count(const std::vector<std::string>& all, const std::string& kind) {
  return std::count_if(all.begin(), all.end(),
                       [&](const std::string& line) { return line.starts_with("::" + kind); });
}

Report many(std::size_t of_each) {
  Report report = test::clean_report();
  const Trail where = test::trail("slice 1", {"x"});
  for (const Level level : {Level::error, Level::warning, Level::note}) {
    for (std::size_t i = 0; i < of_each; ++i) {
      Finding made = test::finding(test::miner_rule(), where, {test::evidence("a", where, i)});
      made.level = level;
      report.findings.push_back(made);
    }
  }
  report.exit_code = 1;
  return report;
}

}  // namespace

TEST_CASE("github: a finding of a package is an annotation at the lockfile's line") {
  const auto all = lines(test::gate_report());
  CHECK(
      all[0].starts_with("::error file=services/app/package-lock.json,line=412,"
                         "title=minescan MSN2001%3A A command line that starts a miner.::A "));
  CHECK(all[2].starts_with("::notice file=services/app/tools/build.sh,line=5,"));
}

TEST_CASE("github: suppressed findings are no annotations") {
  for (const std::string& line : lines(test::gate_report())) {
    CHECK(line.find("testdata/miner") == std::string::npos);
  }
}

TEST_CASE("github: a file inside an image has no line of the repository but what the user names") {
  CHECK(lines(test::image_report())[0].starts_with("::error title=minescan MSN1001"));
  CHECK(lines(test::image_report(), {.sarif_location = "./docker/Dockerfile"})[0].starts_with(
      "::error file=docker/Dockerfile,line=1,title="));
}

TEST_CASE("github: gaps are warnings, and what was left out as asked is none") {
  const auto all = lines(test::image_report());
  CHECK(count(all, "warning") == 1);
  CHECK(all[2].starts_with("::warning title=minescan%3A not looked into%2C decode.encrypted::"));
}

TEST_CASE("github: the last line says the verdict, also when nothing was found") {
  const auto all = lines(test::clean_report());
  REQUIRE(all.size() == 1);
  CHECK(all[0] ==
        "::notice title=minescan%3A CLEAN::CLEAN services/app: scanned 999 bytes in 1 file, "
        "complete");
}

TEST_CASE("github: of 10,000 findings of each level ten of a kind are shown, the rest is counted") {
  const auto all = lines(many(10'000));
  CHECK(count(all, "error") == 10);
  CHECK(count(all, "warning") == 10);
  CHECK(count(all, "notice") == 10);
  CHECK(all.size() == 30);
  CHECK(all.back().find("%0ANot shown here: 29,971 findings; ") != std::string::npos);
}

TEST_CASE("github: many warnings leave room for gaps, many failures for findings") {
  Report report = many(20);
  report.coverage.gaps = test::incomplete_report().coverage.gaps;
  report.failures.assign(20, {Code::integrity, "x"});
  const auto all = lines(report);
  CHECK(count(all, "error title=minescan%3A no verdict on a part") == 3);
  CHECK(count(all, "error file=") == 7);
  CHECK(count(all, "warning file=") == 7);
  CHECK(count(all, "warning title=") == 3);
  CHECK(all.back().find("Not shown here: 17 failures, 37 findings, 20 gaps;") != std::string::npos);
}

TEST_CASE("github: every line of a hostile report is one command with escaped properties") {
  const std::regex command(
      "::(error|warning|notice) "
      "((file=[^:,\r]+,line=[0-9]+,)?title=[^:,\r]+)::[^\r]+");
  for (const Report& report : {test::hostile_report(), test::hostile_gate_report()}) {
    for (const std::string& line : lines(report)) {
      CHECK_MESSAGE(std::regex_match(line, command), line.substr(0, 100));
      for (const char* broken : {"##[", "##vso[", "\x1b", "\xe2\x80\xae", "\xff"}) {
        CHECK(line.find(broken) == std::string::npos);
      }
    }
  }
}

TEST_CASE("github: commands are escaped as the runner resolves them") {
  WorkflowCommand command("error");
  command.property("file", "a:b,c%d\r\ne");
  command.property("line", "3");
  CHECK(command.text("50%: x,\r\n::error::y") ==
        "::error file=a%3Ab%2Cc%25d%0D%0Ae,line=3::50%25: x,%0D%0A::error::y\n");
  CHECK(WorkflowCommand("notice").text("x") == "::notice::x\n");
}
