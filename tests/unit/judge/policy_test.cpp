#include "judge/policy.h"

#include <doctest/doctest.h>

using namespace minescan;
using namespace minescan::judge;

namespace {

const std::string kDigest(64, 'a');

std::string entry(const std::string& expires = "2027-03-01", const std::string& more = "") {
  return "ignore:\n  - rule: MSN5002\n    path: a/b.sh\n    sha256: " + kDigest +
         "\n    reason: ours\n    expires: " + expires + "\n" + more;
}

std::string error_of(const std::string& text) {
  const auto parsed = parse_policy("p.yaml", as_bytes(text), "2026-11-30");
  return parsed ? "" : parsed.error().what;
}

PolicyFile policy_of(const std::string& text) {
  auto parsed = parse_policy("p.yaml", as_bytes(text), "2026-11-30");
  REQUIRE(parsed);
  return *parsed;
}

Finding finding(const Rule& rule, const std::string& path, const std::string& digest) {
  Finding one;
  one.rule = &rule;
  one.level = Level::error;
  one.id = "0123456789abcdef";
  one.path = path;
  one.digest = digest;
  one.trail = {{{Step::Kind::unit, "files 1"}, {Step::Kind::member, path}}};
  one.evidence.push_back({.indicator = "drop-download", .trail = one.trail});
  return one;
}

Rule rule(const std::string& id) {
  Rule one;
  one.id = id;
  return one;
}

}  // namespace

TEST_CASE("a policy names file, line and reason when it is wrong") {
  CHECK(error_of("") == "");
  CHECK(error_of("[1]").find("p.yaml:1:") == 0);
  CHECK(error_of("fail-on: never\n").find("p.yaml:1: fail-on is") == 0);
  CHECK(error_of("a: 1\n").find("unknown key 'a'") != std::string::npos);
  CHECK(error_of("ignore:\n  - rule: MSN5002\n").find("p.yaml:2: 'path' is missing") == 0);
  CHECK(error_of(entry("next year")).find("expires is no day") != std::string::npos);
  CHECK(error_of(entry("2028-01-01")).find("more than a year ahead") != std::string::npos);
  CHECK(error_of("ignore: {\n").find("p.yaml:") == 0);
  CHECK(error_of(std::string(100, '[')).find("too large or too deeply nested") !=
        std::string::npos);
}

TEST_CASE("an entry hides exactly the bytes that it names") {
  const Rule wanted = rule("MSN5002"), other = rule("MSN5003");
  Report report;
  report.findings = {finding(wanted, "a/b.sh", "sha256:" + kDigest),
                     finding(wanted, "a/b.sh", "sha256:" + std::string(64, 'b')),
                     finding(other, "a/b.sh", "sha256:" + kDigest),
                     finding(wanted, "a/c.sh", "sha256:" + kDigest), finding(wanted, "a/b.sh", "")};
  apply_ignored(policy_of(entry()), "2026-11-30", report);
  REQUIRE(report.findings[0].suppressed);
  CHECK(report.findings[0].suppressed->reason == "ours");
  for (std::size_t i = 1; i < report.findings.size(); ++i) CHECK(!report.findings[i].suppressed);
  CHECK(report.policy_notes.empty());
}

TEST_CASE("an entry counts on its last day and not on the next") {
  const Rule wanted = rule("MSN5002");
  const auto suppressed = [&](const std::string& today) {
    Report report;
    report.findings = {finding(wanted, "a/b.sh", "sha256:" + kDigest)};
    apply_ignored(policy_of(entry()), today, report);
    CHECK(report.policy_notes.size() == (report.findings[0].suppressed ? 0 : 1));
    return report.findings[0].suppressed.has_value();
  };
  CHECK(suppressed("2027-03-01"));
  CHECK(!suppressed("2027-03-02"));
}

TEST_CASE("an entry that names nothing is told") {
  Report report;
  apply_ignored(policy_of(entry()), "2026-11-30", report);
  REQUIRE(report.policy_notes.size() == 1);
  CHECK(report.policy_notes[0].find("p.yaml:2: the entry for MSN5002 in a/b.sh names nothing") ==
        0);
}

TEST_CASE("an entry for a package hides nothing elsewhere") {
  const Rule wanted = rule("MSN5002");
  Report report;
  report.findings = {finding(wanted, "a/b.sh", "sha256:" + kDigest),
                     finding(wanted, "a/b.sh", "sha256:" + kDigest)};
  report.findings[1].package = "pkg:npm/x@1.0.0";
  apply_ignored(policy_of(entry("2027-03-01", "    package: pkg:npm/x@1.0.0\n")), "2026-11-30",
                report);
  CHECK(!report.findings[0].suppressed);
  CHECK(report.findings[1].suppressed);
}

TEST_CASE("a key changes with what was captured, and not with lines") {
  const Rule one = rule("MSN5002");
  Finding a = finding(one, "package/x.js", "");
  Finding b = a;
  b.evidence[0].line = 7;
  b.evidence[0].offset = 70;
  CHECK(finding_key(a, true) == finding_key(b, true));
  b.evidence[0].captures["host"] = "pool.example";
  CHECK(finding_key(a, true) != finding_key(b, true));
  Finding c = finding(one, "x-1.0/x.js", "");
  CHECK(finding_key(a, true) == finding_key(c, true));
  CHECK(finding_key(a, false) != finding_key(c, false));
}

TEST_CASE("a baseline marks what it knows") {
  const Rule one = rule("MSN5002");
  Report report;
  report.findings = {finding(one, "a", ""), finding(one, "b", "")};
  report.findings[1].id = "fedcba9876543210";
  apply_baseline({.keys = {}, .ids = {"0123456789abcdef "}, .reason = "known"}, report);
  CHECK(report.findings[0].suppressed);
  CHECK(!report.findings[1].suppressed);
}

TEST_CASE("what is no report is no baseline") {
  CHECK(!ids_in_report("x", as_bytes(std::string_view("[]"))));
  CHECK(!ids_in_report("x", as_bytes(std::string_view("{"))));
  const auto ids = ids_in_report(
      "x", as_bytes(std::string_view(
               R"({"findings": [{"id": "b"}, {"id": "a", "digest": "sha256:x"}, {}, 3]})")));
  REQUIRE(ids);
  CHECK(*ids == std::vector<std::string>{"a sha256:x", "b "});
}
