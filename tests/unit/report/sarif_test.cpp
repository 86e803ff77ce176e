#include <doctest/doctest.h>

#include <algorithm>

#include "base/json.h"
#include "report/report.h"
#include "support/sample_reports.h"

using namespace minescan;

namespace {

std::string text(const Report& report, const report::Style& style = {}) {
  return report::format_by_name("sarif")->write(report, style);
}

Json runs(const Report& report, const report::Style& style = {}) {
  return Json::parse(text(report, style))["runs"];
}

Json first_location(const Json& run, std::size_t result) {
  return run["results"][result]["locations"][0]["physicalLocation"];
}

Report tree_with(const Evidence& found) {
  Report report = test::empty_report(Artifact::Kind::tree, ".");
  report.findings = {test::finding(test::wallet_rule(), found.trail.file(), {found})};
  return report;
}

Report many(std::size_t findings) {
  Report report = test::empty_report(Artifact::Kind::tree, ".");
  const Trail where = test::trail("slice 1", {"x"});
  for (std::size_t i = 0; i < findings; ++i) {
    // Sorted by path, not by confidence: the surest one is last.
    const Rule& rule = i + 1 == findings ? test::miner_rule() : test::command_rule();
    report.findings.push_back(test::finding(rule, where, {test::evidence("a", where, i)}));
  }
  return report;
}

}  // namespace

TEST_CASE("sarif: zero findings are a run with rules and no results") {
  const Json log = runs(test::clean_report());
  REQUIRE(log.size() == 1);
  CHECK(log[0]["results"].is_array());
  CHECK(log[0]["results"].empty());
  CHECK(log[0]["tool"]["driver"]["rules"].size() == 3);
  CHECK(log[0]["automationDetails"]["id"] == "minescan/tree/services-app/");
  CHECK(log[0]["invocations"][0]["executionSuccessful"] == true);
  CHECK_FALSE(log[0]["invocations"][0].contains("startTimeUtc"));
}

TEST_CASE("sarif: one run per platform, with what belongs to it and a category of its own") {
  const Json log = runs(test::image_report());
  REQUIRE(log.size() == 2);
  CHECK(log[0]["automationDetails"]["id"] ==
        "minescan/image/registry-example-5000-team-app/linux-amd64/");
  CHECK(log[1]["automationDetails"]["id"] ==
        "minescan/image/registry-example-5000-team-app/linux-arm64-v8/");
  CHECK(log[0]["results"].size() == 3);
  CHECK(log[1]["results"].size() == 2);  // the command is only in the other one's config
  CHECK(log[0]["results"][0]["properties"]["state"] == "deleted");
  CHECK(log[1]["results"][0]["properties"]["state"] == "present");
  // The gaps lie in a layer that only the first uses.
  CHECK(log[0]["invocations"][0]["toolExecutionNotifications"].size() == 5);
  CHECK(log[1]["invocations"][0]["toolExecutionNotifications"].empty());
}

TEST_CASE("sarif: images of one platform share a run, more than 20 platforms are one run") {
  Report report = test::image_report();
  report.artifact.images.push_back(report.artifact.images[0]);
  CHECK(runs(report).size() == 2);
  for (int i = 0; i < 20; ++i) {
    Image image;
    image.platform = {"linux", std::to_string(i), ""};
    report.artifact.images.push_back(image);
  }
  const Json log = runs(report);
  REQUIRE(log.size() == 1);
  CHECK(log[0]["results"].size() == 3);
  CHECK(log[0]["automationDetails"]["id"] == "minescan/image/registry-example-5000-team-app/");
}

TEST_CASE("sarif: a gap makes the execution unsuccessful and is a notification with descriptor") {
  const Json run = runs(test::incomplete_report())[0];
  const Json& invocation = run["invocations"][0];
  CHECK(invocation["executionSuccessful"] == false);
  CHECK(invocation["exitCode"] == 3);
  REQUIRE(invocation["toolExecutionNotifications"].size() == 23);
  const Json& first = invocation["toolExecutionNotifications"][0];
  CHECK(first["level"] == "error");
  CHECK(first["descriptor"]["id"] == "limit.depth");
  const std::size_t index = first["descriptor"]["index"];
  CHECK(run["tool"]["driver"]["notifications"][index]["id"] == "limit.depth");
}

TEST_CASE("sarif: of 5,001 findings the 5,000 worst and surest are shown, and the number is said") {
  const Json run = runs(many(5001))[0];
  REQUIRE(run["results"].size() == 5000);
  CHECK(run["results"][4999]["ruleId"] == "MSN1001");
  const Json& notifications = run["invocations"][0]["toolExecutionNotifications"];
  REQUIRE(notifications.size() == 1);
  CHECK(notifications[0]["message"]["text"] ==
        "There are 5,001 findings; the 5,000 worst are shown here.");
  CHECK(runs(many(5000))[0]["invocations"][0]["toolExecutionNotifications"].empty());
}

TEST_CASE("sarif: of very many gaps the number is said") {
  Report report = test::incomplete_report();
  report.coverage.gaps.assign(1500, report.coverage.gaps[0]);
  const Json run = runs(report)[0];
  const Json& notifications = run["invocations"][0]["toolExecutionNotifications"];
  REQUIRE(notifications.size() == 1001);
  CHECK(notifications[1000]["message"]["text"] ==
        "There are 500 notifications more than shown here.");
}

TEST_CASE("sarif: lines are given where they are the file's own") {
  Evidence found = test::evidence("wallet-xmr", test::trail("slice 1", {"a/b.sh"}), 70);
  found.line = 5;
  found.column = 11;
  found.length = 95;
  Json physical = first_location(runs(tree_with(found))[0], 0);
  CHECK(physical["artifactLocation"]["uri"] == "a/b.sh");
  CHECK(physical["region"]["startLine"] == 5);
  CHECK(physical["region"]["startColumn"] == 11);
  CHECK(physical["region"]["endLine"] == 5);
  CHECK(physical["region"]["endColumn"] == 106);

  // Inside something decoded or unpacked from the file a line says nothing about the file.
  found.trail = found.trail / Step{Step::Kind::decoder, "base64"};
  physical = first_location(runs(tree_with(found))[0], 0);
  CHECK(physical["region"]["startLine"] == 1);
  CHECK(physical["region"]["endColumn"] == 1);
}

TEST_CASE("sarif: a match over several lines does not claim columns that are not there") {
  Evidence found = test::evidence("wallet-xmr", test::trail("slice 1", {"x"}));
  found.line = 5;
  found.column = 11;
  found.length = 95;
  found.excerpt = "a\nb";
  CHECK(first_location(runs(tree_with(found))[0], 0)["region"]["endColumn"] == 12);
}

TEST_CASE("sarif: the place in the repository replaces the made-up one, which is then related") {
  const report::Style style{.sarif_location = "./docker/Dockerfile"};
  const Json run = runs(test::image_report(), style)[0];
  CHECK(first_location(run, 2)["artifactLocation"]["uri"] == "docker/Dockerfile");
  CHECK(first_location(run, 2)["region"]["startLine"] == 1);
  const Json& related = run["results"][2]["relatedLocations"][0]["physicalLocation"];
  CHECK(related["artifactLocation"]["uri"] == "registry-example-5000-team-app/app/README.md");
  CHECK(related["region"]["startLine"] == 5);
  // It is for images: findings in a tree have a place already.
  const Evidence found = test::evidence("wallet-xmr", test::trail("slice 1", {"x"}));
  CHECK(first_location(runs(tree_with(found), style)[0], 0)["artifactLocation"]["uri"] == "x");
}

TEST_CASE("sarif: fingerprints and categories know neither tag nor digest") {
  Report one = test::image_report(), two = test::image_report();
  two.artifact.name = "registry.example:5000/team/app:9.9";
  two.artifact.digest = "sha256:" + std::string(64, '9');
  const Json a = runs(one), b = runs(two);
  CHECK(a[0]["automationDetails"] == b[0]["automationDetails"]);
  CHECK(a[0]["results"][0]["partialFingerprints"] == b[0]["results"][0]["partialFingerprints"]);
  // The same finding on another platform is another alert.
  CHECK(a[0]["results"][0]["partialFingerprints"]["primaryLocationLineHash"] !=
        a[1]["results"][0]["partialFingerprints"]["primaryLocationLineHash"]);
}

TEST_CASE("sarif: hostile names become relative paths and harmless messages") {
  const Report report = test::hostile_report();
  const Json run = runs(report)[0];
  const auto names = test::hostile_names();
  const auto uri = [&](const std::string& name) {
    const auto at = std::find(names.begin(), names.end(), name);
    return first_location(run,
                          static_cast<std::size_t>(at - names.begin()))["artifactLocation"]["uri"];
  };
  CHECK(uri("https://e.example/x") == "registry-example-app/https%3A/e.example/x");
  CHECK(uri("../../a") == "registry-example-app/a");
  CHECK(uri("") == "registry-example-app/layer");
  for (const Json& result : run["results"]) {
    const std::string message = result["message"]["text"];
    CHECK(message.find_first_of("\n\x1b") == std::string::npos);
    CHECK(message.find("[click](") == std::string::npos);
    CHECK((message.find("{0}") == std::string::npos || message.find("{{0}}") < message.size()));
  }
  CHECK(text(report).find("found in '\\\\[click\\\\](https://e.example)'") != std::string::npos);
}

TEST_CASE("sarif: an odd version does not make GitHub refuse the log") {
  Report report = test::clean_report();
  report.tool_version = "";
  CHECK(runs(report)[0]["tool"]["driver"]["semanticVersion"] == "0.0.0-unknown");
}

TEST_CASE("sarif: what a context lowers has the rank and severity of its lower level") {
  const Trail where = test::trail("slice 1", {"rules.yaml"});
  Context context;
  context.id = "security-rules";
  Report report = test::empty_report(Artifact::Kind::tree, ".");
  Finding lowered = test::finding(test::miner_rule(), where, {test::evidence("a", where, 1)});
  lowered.level = Level::note;
  lowered.context = &context;
  report.findings = {lowered};
  const auto severity = [](const Json& run) {
    const std::size_t index = run["results"][0]["ruleIndex"];
    return run["tool"]["driver"]["rules"][index]["properties"]["security-severity"];
  };
  Json run = runs(report)[0];
  CHECK(run["results"][0]["rank"] == 35);
  CHECK(severity(run) == "3.5");

  // The alerts of a rule share its severity: one that nothing lowers keeps it.
  report.findings.push_back(
      test::finding(test::miner_rule(), where, {test::evidence("b", where, 2)}));
  run = runs(report)[0];
  CHECK(run["results"][0]["rank"] == 35);
  CHECK(run["results"][1]["rank"] == 98);
  CHECK(severity(run) == "9.8");
}

TEST_CASE("sarif: a finding of a package stands at the lockfile's line, its file is related") {
  const Json run = runs(test::gate_report())[0];
  const Json physical = first_location(run, 1);
  CHECK(physical["artifactLocation"]["uri"] == "services/app/package-lock.json");
  CHECK(physical["region"]["startLine"] == 412);
  CHECK(physical["region"]["endLine"] == 412);
  CHECK(run["results"][1]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] ==
        "pkg:npm/%40scope/demo@1.2.3!/package/setup.js");
  const Json& related = run["results"][1]["relatedLocations"][0]["physicalLocation"];
  CHECK(related["artifactLocation"]["uri"] == "npm/@scope/demo@1.2.3/package/setup.js");
  CHECK(related["region"]["startLine"] == 9);
  // A file of the tree itself stays where it is.
  CHECK(first_location(run, 2)["artifactLocation"]["uri"] == "services/app/tools/build.sh");
  CHECK_FALSE(run["results"][2].contains("relatedLocations"));
}

TEST_CASE("sarif: of a tree with an absolute path the lockfile's own path is shown") {
  Report report = test::gate_report();
  report.artifact.name = "/home/somebody/app";
  CHECK(first_location(runs(report)[0], 1)["artifactLocation"]["uri"] == "package-lock.json");
}

TEST_CASE("sarif: suppressed findings carry the reason and do not raise a rule's severity") {
  const Json run = runs(test::gate_report())[0];
  const Json& suppression = run["results"][0]["suppressions"][0];
  CHECK(suppression["kind"] == "external");
  CHECK(suppression["status"] == "accepted");
  CHECK(suppression["justification"] == "in the baseline: origin/main (commit 0123456789ab)");
  CHECK_FALSE(run["results"][1].contains("suppressions"));
}

TEST_CASE("sarif: of too many findings the suppressed ones go first") {
  Report report = many(5001);
  report.findings[0].suppressed = Suppression{"ignored", "known"};
  const Json run = runs(report)[0];
  REQUIRE(run["results"].size() == 5000);
  CHECK_FALSE(run["results"][0].contains("suppressions"));
}

TEST_CASE("sarif: the lockfile and its line are no part of a fingerprint") {
  Report moved = test::gate_report();
  moved.findings[1].lockfile_line = 9;
  moved.findings[1].lockfile = "other/package-lock.json";
  CHECK(runs(moved)[0]["results"][1]["partialFingerprints"] ==
        runs(test::gate_report())[0]["results"][1]["partialFingerprints"]);
}

TEST_CASE("sarif: the review is told in the run's properties") {
  const Json review = runs(test::gate_report())[0]["properties"]["review"];
  CHECK(review["base"] == "origin/main (commit 0123456789ab)");
  CHECK(review["packages"]["added"] == 2);
  CHECK_FALSE(runs(test::clean_report())[0]["properties"].contains("review"));
}
