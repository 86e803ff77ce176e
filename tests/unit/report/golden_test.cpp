// Whole outputs, byte for byte, and what independent readers of the formats say about them.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "report/report.h"
#include "support/golden.h"
#include "support/sample_reports.h"

using namespace minescan;

namespace {

struct Sample {
  std::string name;
  Report report;
  report::Style style;
};

std::vector<Sample> samples() {
  report::Style dated;
  dated.start_time = "2026-11-24T09:29:04Z";
  dated.end_time = "2026-11-24T09:29:05Z";
  report::Style placed;
  placed.sarif_location = "docker/Dockerfile";
  placed.verbose = true;
  return {
      {"image", test::image_report(), dated}, {"image_placed", test::image_report(), placed},
      {"clean", test::clean_report(), {}},    {"incomplete", test::incomplete_report(), {}},
      {"failed", test::failed_report(), {}},  {"hostile", test::hostile_report(), {}},
      {"gate", test::gate_report(), dated},   {"hostile_gate", test::hostile_gate_report(), {}}};
}

const char* extension(std::string_view format) {
  static const std::map<std::string_view, const char*> kExtensions = {
      {"text", ".txt"},           {"json", ".json"},
      {"sarif", ".sarif"},        {"markdown", ".md"},
      {"html", ".html"},          {"github", ".github"},
      {"gitlab", ".gitlab.json"}, {"gitlab-codequality", ".codequality.json"}};
  return kExtensions.at(format);
}

int python(const std::string& script, const std::string& suffix) {
  std::string command =
      "/usr/bin/python3 '" + std::string(MINESCAN_SOURCE_DIR) + "/tests/" + script;
  command += "'";
  for (const Sample& sample : samples()) {
    command += " '" + test::golden_path(sample.name + suffix) + "'";
  }
  return std::system(command.c_str());
}

}  // namespace

TEST_CASE("golden: every format writes exactly what stands in tests/golden") {
  for (const Sample& sample : samples()) {
    for (const std::string_view name : report::format_names()) {
      const std::string file = sample.name + extension(name);
      CAPTURE(file);
      const std::string actual = report::format_by_name(name)->write(sample.report, sample.style);
      CHECK(actual == report::format_by_name(name)->write(sample.report, sample.style));
      // Not CHECK(a == b): doctest would print both files.
      const bool same = test::golden(file, actual) == actual;
      CHECK_MESSAGE(same, "set MINESCAN_UPDATE_GOLDEN=1 and read the difference");
    }
  }
}

TEST_CASE("golden: the JSON reports follow report.schema.json") {
  CHECK(python("report_schema.py", ".json") == 0);
}

TEST_CASE("golden: the SARIF logs follow the rules of those who read them") {
  CHECK(python("sarif_rules.py", ".sarif") == 0);
}

TEST_CASE("golden: the Markdown reports hold no markup but minescan's own") {
  CHECK(python("markdown_rules.py", ".md") == 0);
}

TEST_CASE("golden: the HTML reports hold no markup but minescan's own, and nothing to be fetched") {
  CHECK(python("html_rules.py", ".html") == 0);
}

TEST_CASE("golden: the GitLab reports follow GitLab's schemas") {
  CHECK(python("gitlab_rules.py", ".gitlab.json") == 0);
  CHECK(python("gitlab_rules.py", ".codequality.json") == 0);
}
