#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "report/markdown_encode.h"
#include "report/report.h"
#include "support/sample_reports.h"

using namespace minescan;
using namespace minescan::report;

namespace {

std::string markdown(const Report& report) { return format_by_name("markdown")->write(report, {}); }

std::string first_line(const Report& report) {
  const std::string all = markdown(report);
  return all.substr(0, all.find('\n'));
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// 10,000 findings, gaps, packages and suppressed findings with names as long as they are taken.
Report flood(const std::string& name) {
  Report report = test::hostile_gate_report();
  const Finding one = test::gate_report().findings[1];
  report.findings.clear();
  for (std::size_t i = 0; i < 10'000; ++i) {
    Finding finding = one;
    finding.id = std::to_string(i);
    finding.trail = test::trail("unit", {name + std::to_string(i)});
    finding.package = finding.lockfile = name;
    finding.evidence[0].excerpt = name.substr(0, 200);
    if (i % 10 == 9) finding.suppressed = Suppression{"ignored", name};
    report.findings.push_back(finding);
  }
  const auto repeated = [](auto list, std::size_t times) {
    auto all = list;
    while (all.size() < times) all.insert(all.end(), list.begin(), list.end());
    return all;
  };
  report.coverage.gaps = repeated(report.coverage.gaps, 10'000);
  report.review->packages = repeated(report.review->packages, 10'000);
  report.policy_notes = repeated(report.policy_notes, 1'000);
  report.failures.assign(1'000, {Code::integrity, name});
  report.artifact.name = report.review->base = report.review->head = name;
  report.tool_version = report.signatures_digest = name;
  return report;
}

}  // namespace

TEST_CASE("markdown: the first line has the verdict and the marker of the comment") {
  CHECK(first_line(test::clean_report()) == "### minescan: CLEAN `services/app` <!-- minescan -->");
  CHECK(first_line(test::gate_report()) ==
        "### minescan: FOUND 1 error, 1 note in `services/app` <!-- minescan -->");
  CHECK(first_line(test::failed_report()) ==
        "### minescan: NO VERDICT on `registry.example/app` <!-- minescan -->");
}

TEST_CASE("markdown: the worst comes first, suppressed findings come last") {
  const std::string all = markdown(test::gate_report());
  CHECK(all.find("**error** `MSN2001`") < all.find("**note** `MSN4001`"));
  CHECK(all.find("`MSN1001` `testdata/miner`") > all.find("<summary>Suppressed: 2 findings"));
}

TEST_CASE("markdown: a finding of a package names the lockfile's line") {
  CHECK(contains(markdown(test::gate_report()),
                 "- `package/setup.js` in `npm:@scope/demo@1.2.3`, `package-lock.json:412`, "
                 "finding `0123456789abcdef`\n"));
}

TEST_CASE("markdown: packages that were not scanned lead the table") {
  const std::string all = markdown(test::gate_report());
  const std::string row =
      "|---|---|---|---|\n| version | `npm:left@1.0.0 to npm:left@1.0.1` | `package-lock.json:500` "
      "| `not scanned: the registry does not answer` |\n";
  CHECK(contains(all, row));
}

TEST_CASE("markdown: gaps are shown, those that are accepted or left out as asked last") {
  const std::string all = markdown(test::image_report());
  CHECK(contains(all, "**Not looked into: 3 gaps**"));
  CHECK(all.find("- decode.encrypted ") < all.find("- net.platform "));
  CHECK(all.find("- decode.encrypted ") < all.find("- parse.ambiguous "));
}

TEST_CASE("markdown: a rule's help stands once, whatever order its findings have") {
  Report report = test::image_report();
  report.findings.push_back(report.findings[0]);
  const std::string all = markdown(report);
  CHECK(all.find("**error** `MSN1001`") == all.rfind("**error** `MSN1001`"));
}

TEST_CASE("markdown: however much there is, a comment takes it, and what is left out is said") {
  for (const std::string& name : {std::string(5000, 'n'), std::string(5000, '`'),
                                  std::string(5000, '|'), std::string(5000, '\xff')}) {
    const std::string all = markdown(flood(name));
    CHECK(all.size() <= 65'536);
    CHECK(contains(all, "\nNot shown here: 8,9"));
    for (const char* noun : {"more findings", "more gaps", "more packages", "more failures"}) {
      CHECK_MESSAGE(contains(all, noun), noun);
    }
    CHECK(all.ends_with(".\n"));
  }
}

TEST_CASE("markdown: a full comment is still nothing but minescan's markup") {
  const std::string path = doctest::getContextOptions()->binary_name.c_str() + std::string(".md");
  std::ofstream(path, std::ios::binary) << markdown(flood("`a` | @b #1 <c> [d](e)\n"));
  const std::string command = "/usr/bin/python3 '" + std::string(MINESCAN_SOURCE_DIR) +
                              "/tests/markdown_rules.py' '" + path + "' >/dev/null";
  CHECK(std::system(command.c_str()) == 0);
  std::remove(path.c_str());
}

TEST_CASE("markdown: code spans hold any text, and their fence is longer than its backticks") {
  CHECK(markdown_code("a b") == "`a b`");
  CHECK(markdown_code("a`b") == "``a`b``");
  CHECK(markdown_code("`") == "`` ` ``");
  CHECK(markdown_code("```\n") == "```` ```\\x0a ````");
  CHECK(markdown_code("") == "`\"\"`");
  CHECK(markdown_code(" ") == "` `");
  CHECK(markdown_code(" a ") == "`  a  `");
  CHECK(markdown_code("<!-- --> <img onerror=x> @a #1 \\ | *x*") ==
        "`<!-- --> <img onerror=x> @a #1 \\ | *x*`");
  CHECK(markdown_code("\x1b[0m\xe2\x80\xae\xff") == "`\\x1b[0m\\u{202E}\\xff`");
  CHECK(markdown_code(std::string(1000, 'a'), 10) == "`aaaaaaaaaa…`");
}

TEST_CASE("markdown: no pipe ends a cell") {
  CHECK(markdown_cell("curl x | sh") == "`curl x \\x7c sh`");
  CHECK(markdown_cell("\\||") == "`\\\\x7c\\x7c`");
  CHECK(markdown_cell("a`|`b") == "``a`\\x7c`b``");
}

TEST_CASE("markdown: prose keeps plain words, and what could be more becomes code") {
  CHECK(markdown_prose("Remove it (at once), and don't wait: it's an install-time dropper.") ==
        "Remove it (at once), and don't wait: it's an install-time dropper.");
  CHECK(markdown_prose("see @user or #1 now") == "see `@user` or `#1` now");
  CHECK(markdown_prose("a *b* _c_ d") == "a `*b* _c_` d");
  CHECK(markdown_prose("GH-1 deadbeef www.e.example https://e.example") ==
        "`GH-1 deadbeef www.e.example https://e.example`");
  CHECK(markdown_prose("x <b>y</b> `z` [l](m)") == "x ``<b>y</b> `z` [l](m)``");
  CHECK(markdown_prose(" two  spaces ") == "two spaces");
  CHECK(markdown_prose("from 2 to 1,000 bytes") == "from 2 to 1,000 bytes");
  CHECK(markdown_prose("") == "");
}
