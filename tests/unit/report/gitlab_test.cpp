#include <doctest/doctest.h>

#include <set>
#include <string>

#include "base/json.h"
#include "report/report.h"
#include "support/sample_reports.h"

using namespace minescan;
using namespace minescan::report;

namespace {

Json written(const char* format, const Report& report, const Style& style = {}) {
  return Json::parse(format_by_name(format)->write(report, style));
}
Json security(const Report& report, const Style& style = {}) {
  return written("gitlab", report, style);
}
Json quality(const Report& report, const Style& style = {}) {
  return written("gitlab-codequality", report, style);
}

Report many(std::size_t findings) {
  Report report = test::clean_report();
  const Trail where = test::trail("slice 1", {"x"});
  for (std::size_t i = 0; i < findings; ++i) {
    // The worst one is last.
    const Rule& rule = i + 1 == findings ? test::miner_rule() : test::wallet_rule();
    report.findings.push_back(test::finding(rule, where, {test::evidence("a", where, i)}));
  }
  return report;
}

}  // namespace

TEST_CASE("gitlab: images are container scanning, one vulnerability for each platform") {
  const Json report = security(test::image_report());
  CHECK(report["scan"]["type"] == "container_scanning");
  REQUIRE(report["vulnerabilities"].size() == 5);
  const Json& location = report["vulnerabilities"][0]["location"];
  CHECK(location["image"] == "registry.example:5000/team/app:1.2");
  CHECK(location["operating_system"] == "linux/amd64");
  CHECK(location["dependency"]["package"]["name"] == "usr/bin/x");
  CHECK(report["vulnerabilities"][1]["location"]["operating_system"] == "linux/arm64/v8");
  CHECK(report["vulnerabilities"][0]["id"] != report["vulnerabilities"][1]["id"]);
  CHECK_FALSE(report.contains("dependency_files"));
}

TEST_CASE("gitlab: anything else is dependency scanning, at the lockfile where there is one") {
  const Json report = security(test::gate_report());
  CHECK(report["scan"]["type"] == "dependency_scanning");
  CHECK(report["dependency_files"].is_array());
  REQUIRE(report["vulnerabilities"].size() == 2);  // the others are suppressed
  const Json& location = report["vulnerabilities"][0]["location"];
  CHECK(location["file"] == "services/app/package-lock.json");
  CHECK(location["dependency"]["package"]["name"] == "@scope/demo/package/setup.js");
  CHECK(location["dependency"]["version"] == "1.2.3");
  CHECK(report["vulnerabilities"][1]["location"]["file"] == "services/app/tools/build.sh");
}

TEST_CASE("gitlab: the rule is the first identifier") {
  const Json identifiers = security(test::gate_report())["vulnerabilities"][0]["identifiers"];
  CHECK(identifiers[0]["type"] == "minescan_rule_id");
  CHECK(identifiers[0]["value"] == "MSN2001");
  CHECK(identifiers[1]["name"] == "CWE-506");
}

TEST_CASE("gitlab: severities follow level and confidence") {
  const Json all = security(test::image_report())["vulnerabilities"];
  CHECK(all[0]["severity"] == "Critical");
  CHECK(all[2]["severity"] == "High");
  CHECK(all[3]["severity"] == "Low");
}

TEST_CASE("gitlab: times have no zone, and without times there are fixed ones") {
  const Style style{.start_time = "2026-11-24T09:29:04Z", .end_time = "2026-11-24T09:29:05Z"};
  CHECK(security(test::clean_report(), style)["scan"]["start_time"] == "2026-11-24T09:29:04");
  CHECK(security(test::clean_report())["scan"]["end_time"] == "1970-01-01T00:00:00");
}

TEST_CASE("gitlab: what was not looked into and why is a message of the scan") {
  const Json scan = security(test::gate_report())["scan"];
  CHECK(scan["status"] == "success");
  REQUIRE(scan["messages"].size() == 4);
  CHECK(scan["messages"][1]["level"] == "warn");
  CHECK(scan["messages"][1]["value"] ==
        "Not looked into: npm:left@1.0.1, the registry does not answer");
  CHECK(security(test::failed_report())["scan"]["status"] == "failure");
  CHECK(security(test::failed_report())["scan"]["messages"][1]["level"] == "fatal");
}

TEST_CASE("gitlab: of very many messages the number left out is said") {
  Report report = test::incomplete_report();
  report.coverage.gaps.assign(1500, report.coverage.gaps[0]);
  const Json messages = security(report)["scan"]["messages"];
  REQUIRE(messages.size() == 101);
  CHECK(messages[100]["value"] == "1,401 more messages; the JSON report has all");
}

TEST_CASE("gitlab: of 10,000 findings the 5,000 worst are shown, and the number is said") {
  const Json report = security(many(10'000));
  REQUIRE(report["vulnerabilities"].size() == 5000);
  CHECK(report["vulnerabilities"][0]["identifiers"][0]["value"] == "MSN1001");
  CHECK(report["scan"]["messages"].back()["value"] ==
        "5,000 findings more than shown here; the JSON report has all");
  const Json issues = quality(many(10'000));
  REQUIRE(issues.size() == 5001);
  CHECK(issues[0]["check_name"] == "MSN1001");
  CHECK(issues[5000]["check_name"] == "minescan-left-out");
}

TEST_CASE("gitlab: ids are the same in every run and differ within one") {
  const Json one = security(many(100)), two = security(many(100));
  CHECK(one == two);
  std::set<std::string> ids;
  for (const Json& vulnerability : one["vulnerabilities"]) ids.insert(vulnerability["id"]);
  CHECK(ids.size() == 100);
}

TEST_CASE("code quality: issues stand at the line of the repository") {
  const Json issues = quality(test::gate_report());
  REQUIRE(issues.size() == 3);
  CHECK(issues[0]["location"]["path"] == "services/app/package-lock.json");
  CHECK(issues[0]["location"]["lines"]["begin"] == 412);
  CHECK(issues[0]["severity"] == "critical");
  CHECK(issues[1]["location"]["lines"]["begin"] == 5);
  CHECK(issues[1]["severity"] == "minor");
  CHECK(quality(test::clean_report()).dump() == "[]");
}

TEST_CASE("code quality: a gap is an issue too, since there is no other place for it") {
  CHECK(quality(test::gate_report())[2]["check_name"] == "minescan-gap");
  const Json failed = quality(test::failed_report());
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]["check_name"] == "minescan-failure");
  Report report = test::incomplete_report();
  report.coverage.gaps.assign(1500, report.coverage.gaps[0]);
  const Json many_gaps = quality(report);
  CHECK(many_gaps.size() == 102);  // a finding, 100 gaps, the number of the others
  CHECK(many_gaps[101]["description"] ==
        "1,400 gaps more than shown here; the JSON report has all");
}
