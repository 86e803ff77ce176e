#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "report/report.h"
#include "support/sample_reports.h"

using namespace minescan;

namespace {

std::string text(const Report& report, const report::Style& style = {}) {
  return report::format_by_name("text")->write(report, style);
}

std::string first_line(const Report& report) {
  const std::string all = text(report);
  return all.substr(0, all.find('\n'));
}

std::size_t count(const std::string& in, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("text: the first line says verdict and coverage") {
  CHECK(first_line(test::clean_report()) ==
        "CLEAN services/app — scanned 999 bytes in 1 file, complete");
  Report found = test::image_report();
  CHECK(first_line(found) ==
        "FOUND 2 errors, 1 note in registry.example:5000/team/app:1.2 — scanned 512.3 MB in 21,004 "
        "files, INCOMPLETE: 1 gap, 14 KB not seen, 1 gap accepted, 1 part left out as asked");
  found.coverage.gaps[0].bytes = 0;
  CHECK(first_line(found).find("INCOMPLETE: 1 gap, of unknown size, 1 gap") != std::string::npos);
}

TEST_CASE("text: findings below the failing level are neither hidden nor called a failure") {
  Report report = test::clean_report();
  report.findings = test::incomplete_report().findings;
  CHECK(first_line(report) ==
        "FOUND 1 note, none at or above error, in services/app — scanned 999 bytes in 1 file, "
        "complete");
}

TEST_CASE("text: no verdict says why") {
  CHECK(
      first_line(test::failed_report()).starts_with("NO VERDICT on registry.example/app — 1 fai"));
  Report nothing;
  nothing.artifact.name = "x";
  CHECK(first_line(nothing).starts_with("NO VERDICT on x: nothing was scanned — "));
}

TEST_CASE("text: help stands once per rule, however many findings it has") {
  Report report = test::image_report();
  report.findings.insert(report.findings.begin(), report.findings[0]);
  CHECK(count(text(report), "What to do: Find out") == 1);
}

TEST_CASE("text: evidence and gaps are cut unless everything is asked for") {
  const Report report = test::incomplete_report();
  CHECK(text(report).find("package/120") == std::string::npos);
  CHECK(text(report).find("and 2 more limit.depth (-v shows all)") != std::string::npos);
  const report::Style verbose{.verbose = true};
  CHECK(text(report, verbose).find("package/122") != std::string::npos);
  CHECK(text(report, verbose).find("-v shows") == std::string::npos);
  CHECK(count(text(test::image_report()), "xmrig-strings at") == 3);
  CHECK(count(text(test::image_report(), verbose), "xmrig-strings at") == 4);
}

TEST_CASE("text: colour only when asked for, and nothing else changes by it") {
  for (const Report& report : {test::image_report(), test::clean_report(), test::failed_report(),
                               test::incomplete_report()}) {
    const std::string plain = text(report);
    CHECK(plain.find('\x1b') == std::string::npos);
    std::string coloured = text(report, {.colour = true});
    CHECK(coloured.find("\x1b[") != std::string::npos);
    for (std::size_t at = coloured.find('\x1b'); at != std::string::npos;
         at = coloured.find('\x1b')) {
      coloured.erase(at, coloured.find('m', at) - at + 1);
    }
    CHECK(coloured == plain);
  }
}

TEST_CASE("text: no byte acts on a terminal, no line is a command of a CI system") {
  const std::string all = text(test::hostile_report(), {.verbose = true}) +
                          text(test::hostile_gate_report(), {.verbose = true});
  const auto acts = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == '\x7f';
  };
  CHECK(std::none_of(all.begin(), all.end(), acts));
  for (const char* broken : {"\xc2\x9b", "\xe2\x80\xae", "##[", "##vso[", "##teamcity["}) {
    CHECK(all.find(broken) == std::string::npos);
  }
  for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) {
    const std::size_t start = all.find_first_not_of(" \t", at);
    CHECK(all.compare(start, 2, "::") != 0);
    if (all.find('\n', at) == std::string::npos) break;
  }
}

TEST_CASE("text: the second line of a review says what was compared and how much changed") {
  const std::string all = text(test::gate_report());
  CHECK(all.find("\ncompared working tree with origin/main (commit 0123456789ab): 3 files changed, "
                 "3 packages added or changed, 1 removed\n") != std::string::npos);
  CHECK(text(test::clean_report()).find("compared") == std::string::npos);
}

TEST_CASE("text: a finding of a package names the package and the lockfile's line") {
  CHECK(text(test::gate_report()).find("\n    in npm:@scope/demo@1.2.3, package-lock.json:412\n") !=
        std::string::npos);
}

TEST_CASE("text: suppressed findings are counted apart and shown at the end with the reason") {
  const std::string all = text(test::gate_report());
  CHECK(first_line(test::gate_report()).starts_with("FOUND 1 error, 1 note in "));
  CHECK(first_line(test::gate_report()).ends_with(", 2 findings suppressed"));
  CHECK(all.find("MSN1001") > all.find("\nSuppressed: 2 findings\n"));
  CHECK(all.find("ignored: donations of the author, until 2027-01-01\n") != std::string::npos);
}

TEST_CASE("text: what there is to say of the ignore list is a note") {
  CHECK(text(test::gate_report())
            .ends_with("\n  entry 2 of .minescan-ignore.yaml expired on "
                       "2026-11-01\n"));
}

TEST_CASE("text: a report whose only findings are suppressed is clean and says so") {
  Report report = test::clean_report();
  report.findings = {test::gate_report().findings[0]};
  CHECK(first_line(report) ==
        "CLEAN services/app — scanned 999 bytes in 1 file, complete, 1 finding suppressed");
}
