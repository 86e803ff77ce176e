#include "judge/policy.h"

#include <doctest/doctest.h>

#include <algorithm>

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

TEST_CASE("a policy is one document, and a broken text is no endless row of them") {
  CHECK(error_of("fail-on: note\n---\nfail-on: error\n") ==
        "p.yaml: a configuration is one YAML document, and this has more");
  CHECK(error_of(",").starts_with("p.yaml: "));
  CHECK(error_of("").empty());
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

namespace {

Gap gap(GapReason reason, const std::vector<std::string>& members) {
  Gap one{.trail = {{{Step::Kind::unit, "vendor.zip"}}}, .reason = reason};
  for (const std::string& name : members) {
    one.trail.steps.push_back({Step::Kind::member, name});
  }
  return one;
}

AcceptedGap accepted(const std::string& text) {
  const auto parsed = parse_accepted_gap(text);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("an accepted gap is one of a kind and at a place, and leaves the others open") {
  Report report;
  report.coverage.gaps = {gap(GapReason::decode_encrypted, {"lib/a.zip", "secret"}),
                          gap(GapReason::decode_encrypted, {"lib/b.7z"}),
                          gap(GapReason::decode_corrupt, {"lib/a.zip"}),
                          gap(GapReason::limit_bytes, {})};
  const auto left = [&](const std::vector<std::string>& texts) {
    Report copy = report;
    std::vector<AcceptedGap> all;
    for (const std::string& text : texts) all.push_back(accepted(text));
    accept_gaps(all, "2026-11-30", copy);
    const auto open = std::count_if(copy.coverage.gaps.begin(), copy.coverage.gaps.end(), is_open);
    CHECK(copy.coverage.complete == (open == 0));
    CHECK(copy.coverage.gaps.size() == 4);
    return open;
  };
  CHECK(left({}) == 4);
  CHECK(left({"decode.encrypted"}) == 2);
  CHECK(left({"decode.encrypted:lib/a.zip!secret"}) == 3);
  CHECK(left({"decode.encrypted:lib/*"}) == 2);
  CHECK(left({"decode.encrypted:*.7?"}) == 3);
  CHECK(left({"decode.encrypted:a.zip"}) == 4);
  CHECK(left({"limit.bytes:vendor.*"}) == 3);
  CHECK(left({"decode.encrypted", "decode.corrupt", "limit.bytes"}) == 0);
}

TEST_CASE("an acceptance that fits nothing or ended is told, and a failure stays one") {
  Report report;
  report.coverage.gaps = {gap(GapReason::decode_corrupt, {"a"})};
  report.failures = {{Code::integrity, "wrong bytes"}};
  AcceptedGap old = accepted("decode.corrupt");
  old.expires = "2026-11-29";
  accept_gaps({accepted("limit.time"), old}, "2026-11-30", report);
  REQUIRE(report.policy_notes.size() == 2);
  CHECK(report.policy_notes[0].find("--accept-gap limit.time") == 0);
  CHECK(report.policy_notes[1].find("ended on 2026-11-29") != std::string::npos);
  CHECK(is_open(report.coverage.gaps[0]));
  accept_gaps({accepted("decode.corrupt")}, "2026-11-30", report);
  CHECK(report.coverage.gaps[0].accepted == "--accept-gap decode.corrupt");
  CHECK_FALSE(report.coverage.complete);
}

TEST_CASE("a kind of gap that is none is an error that names the kinds") {
  for (const char* text : {"", "decode", "decode.", "all", "decode.encrypted:", ":x"}) {
    const auto parsed = parse_accepted_gap(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Code::usage);
  }
  CHECK(parse_accepted_gap("x").error().what.find("decode.encrypted") != std::string::npos);
}

TEST_CASE("a policy accepts gaps with a reason and a day") {
  const std::string text =
      "accept-gaps:\n  - gap: decode.encrypted\n    path: lib/*\n    reason: theirs\n"
      "    expires: 2027-01-01\n";
  const PolicyFile policy = policy_of(text);
  REQUIRE(policy.accepted.size() == 1);
  CHECK(policy.accepted[0].reason == GapReason::decode_encrypted);
  CHECK(policy.accepted[0].by == "p.yaml:2: theirs");
  CHECK(error_of("accept-gaps:\n  - gap: x\n    reason: y\n    expires: 2027-01-01\n")
            .find("no kind of gap") != std::string::npos);
  CHECK(error_of("accept-gaps:\n  - gap: limit.time\n    expires: 2027-01-01\n")
            .find("'reason' is missing") != std::string::npos);
  CHECK(error_of("accept-gaps: limit.time\n").find("is a list") != std::string::npos);
}
