#include <doctest/doctest.h>

#include <algorithm>

#include "base/json.h"
#include "report/report.h"
#include "support/sample_reports.h"

using namespace minescan;

namespace {

std::string text(const Report& report) { return report::format_by_name("json")->write(report, {}); }

Json parsed(const Report& report) {
  const std::string written = text(report);
  return parse_json(as_bytes(written)).value();
}

}  // namespace

TEST_CASE("json: one word says the verdict, and it fits the exit code") {
  CHECK(parsed(test::clean_report())["verdict"] == "clean");
  CHECK(parsed(test::image_report())["verdict"] == "found");
  CHECK(parsed(test::failed_report())["verdict"] == "no_verdict");
  CHECK(parsed(test::incomplete_report())["verdict"] == "incomplete");
  CHECK(parsed(test::incomplete_report())["exit_code"] == 3);
}

TEST_CASE("json: exact bytes stand beside text that is not UTF-8") {
  Report report = test::incomplete_report();
  report.findings[0].path = "a\xff";
  report.findings[0].evidence[0].captures = {{"host", "\xfe"}};
  const Json finding = parsed(report)["findings"][0];
  CHECK(finding["path"] == "a\xef\xbf\xbd");
  CHECK(finding["path_base64"] == "Yf8=");
  CHECK(finding["evidence"][0]["captures"]["host_base64"] == "/g==");
  CHECK_FALSE(finding.contains("message_base64"));
}

TEST_CASE("json: valid names come back as they were, whatever they hold") {
  const Report report = test::hostile_report();
  const Json json = parsed(report);
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Json& finding = json["findings"][i];
    if (!finding.contains("path_base64")) CHECK(finding["path"] == report.findings[i].path);
  }
}

TEST_CASE("json: the document is ASCII without control characters and runner commands") {
  const std::string all = text(test::hostile_report());
  CHECK(std::all_of(all.begin(), all.end(),
                    [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); }));
  CHECK(all.find("##[") == std::string::npos);
  CHECK(all.find("##vso[") == std::string::npos);
}

TEST_CASE("json: rules stand once, those with findings only") {
  const Json rules = parsed(test::incomplete_report())["rules"];
  REQUIRE(rules.size() == 1);
  CHECK(rules[0]["id"] == "MSN4001");
}

TEST_CASE("json: package, lockfile and suppression stand where there are any, and nowhere else") {
  const Json findings = parsed(test::gate_report())["findings"];
  CHECK(findings[0]["suppressed"]["kind"] == "baseline");
  CHECK_FALSE(findings[0].contains("package"));
  CHECK_FALSE(findings[0].contains("lockfile"));
  CHECK(findings[1]["package"] == "pkg:npm/%40scope/demo@1.2.3");
  CHECK(findings[1]["lockfile"]["path"] == "package-lock.json");
  CHECK(findings[1]["lockfile"]["line"] == 412);
  CHECK_FALSE(findings[1].contains("suppressed"));
}

TEST_CASE("json: suppressed findings count by themselves") {
  const Json counts = parsed(test::gate_report())["counts"];
  CHECK(counts["error"] == 1);
  CHECK(counts["note"] == 1);
  CHECK(counts["suppressed"] == 2);
}

TEST_CASE("json: a review lists every package, and reports without one have none") {
  const Json report = parsed(test::gate_report());
  CHECK(report["review"]["files_changed"] == 3);
  REQUIRE(report["review"]["packages"].size() == 4);
  CHECK(report["review"]["packages"][1]["outcome"] == "not scanned: the registry does not answer");
  CHECK(report["policy_notes"].size() == 1);
  CHECK_FALSE(parsed(test::clean_report()).contains("review"));
}
