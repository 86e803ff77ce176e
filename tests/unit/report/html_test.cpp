#include <doctest/doctest.h>

#include <string>

#include "report/html_encode.h"
#include "report/report.h"
#include "support/sample_reports.h"

using namespace minescan;
using namespace minescan::report;

namespace {

std::string html(const Report& report) { return format_by_name("html")->write(report, {}); }

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("html: nothing that is escaped is markup") {
  CHECK(html_text("<b a=\"x\">&'</b>") == "&lt;b a=&quot;x&quot;&gt;&amp;&#39;&lt;/b&gt;");
  CHECK(html_text("\x1b[0m\xe2\x80\xae\xff\n") == "\\x1b[0m\\u{202E}\\xff\\x0a");
  CHECK(html_element("td", "</td>", "error") == "<td class=\"error\">&lt;/td&gt;</td>");
  CHECK(html_text(std::string(1000, 'a'), 10) == "aaaaaaaaaa…");
}

TEST_CASE("html: only addresses on the web are links") {
  CHECK(html_link("https://docs.example/a?b=c&d#e") ==
        "<a href=\"https://docs.example/a?b=c&amp;d#e\" rel=\"noopener noreferrer\">"
        "https://docs.example/a?b=c&amp;d#e</a>");
  for (const char* address : {"javascript:alert(1)", "http://docs.example/", "https://", "//x",
                              "https://a.example/\"onclick=x", "https://a.example/ b", "data:,x"}) {
    CAPTURE(address);
    CHECK(html_link(address) == html_element("code", address));
  }
}

TEST_CASE("html: the verdict comes first, and what was found and what was not seen are all there") {
  Report report = test::image_report();
  while (report.coverage.gaps.size() < 5'000) {
    report.coverage.gaps.push_back(report.coverage.gaps.front());
    report.coverage.gaps.back().detail = "gap " + std::to_string(report.coverage.gaps.size());
  }
  const std::string page = html(report);
  CHECK(page.find("minescan: FOUND") < page.find("<h2>"));
  CHECK(contains(page, "<code>gap 5000</code>"));
  for (const Finding& finding : report.findings) {
    CHECK(contains(page, "<code>" + finding.id + "</code>"));
    for (const ImagePlace& place : finding.places) CHECK(contains(page, place.platform));
  }
  CHECK(page.find("<h2>2 errors</h2>") < page.find("<h2>1 note</h2>"));
}

TEST_CASE("html: what is suppressed is shown and not among the findings") {
  const Report report = test::gate_report();
  const std::string page = html(report);
  const std::size_t suppressed = page.find("<h2>Suppressed");
  REQUIRE(suppressed != std::string::npos);
  for (const Finding& finding : report.findings) {
    CHECK((page.find(finding.id) > suppressed) == finding.suppressed.has_value());
  }
}
