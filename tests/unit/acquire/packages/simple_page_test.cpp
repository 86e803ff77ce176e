#include "acquire/packages/simple_page.h"

#include <doctest/doctest.h>

#include "support/task_here.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

// Read here and by a runner, with the same outcome.
Result<SimplePage> read(std::string_view content_type, std::string_view body) {
  test::TaskHere runner(simple_page_task);
  auto page = parse_simple_page(content_type, body);
  const auto apart = read_simple_page(&runner, content_type, body);
  REQUIRE(page.has_value() == apart.has_value());
  CHECK(simple_page_bytes(page) == simple_page_bytes(apart));
  return page;
}

SimplePage html(const std::string& text) {
  auto page = read("text/html; charset=utf-8", text);
  REQUIRE(page.has_value());
  return std::move(*page);
}

const std::string kHash(64, 'a');

}  // namespace

TEST_CASE("simple page: JSON gives names, URLs, digests, sizes and what was yanked") {
  const auto page = read("application/vnd.pypi.simple.v1+json",
                         R"({"meta":{"api-version":"1.1"},"name":"demo","files":[
          {"filename":"demo-1.0.tar.gz","url":"../../files/demo-1.0.tar.gz",
           "hashes":{"sha256":")" +
                             kHash +
                             R"(","MD5":"00"},"size":12,"yanked":false},
          {"filename":"demo-1.1.tar.gz","url":"https://files.example/x","hashes":{},
           "yanked":"broken \u00e9"},
          {"filename":"demo-1.2.tar.gz","url":"x","hashes":[],"size":-1,"yanked":true}]})");
  REQUIRE(page.has_value());
  REQUIRE(page->files.size() == 3);
  const SimpleFile& first = page->files[0];
  CHECK(first.name == "demo-1.0.tar.gz");
  CHECK(first.url == "../../files/demo-1.0.tar.gz");
  CHECK(first.size == 12);
  CHECK_FALSE(first.yanked);
  CHECK(first.integrity == std::vector<Integrity>{{"sha256", kHash}, {"md5", "00"}});
  CHECK(page->files[1].yanked);
  CHECK(page->files[1].yank_reason == "broken \xc3\xa9");
  CHECK(page->files[2].yanked);
  CHECK(page->files[2].size == 0);
}

TEST_CASE("simple page: JSON of another version or shape is an error") {
  const auto code = [](const char* body) {
    const auto page = read("application/json", body);
    REQUIRE_FALSE(page.has_value());
    return page.error().code;
  };
  CHECK(code(R"({"meta":{"api-version":"2.0"},"files":[]})") == Code::unsupported);
  for (const char* body : {"", "[]", "{}", "null", R"({"files":{}})", R"({"files":[1]})", "{"}) {
    CAPTURE(body);
    CHECK(code(body) == Code::corrupt);
  }
}

TEST_CASE("simple page: HTML gives what its anchors say, entities decoded") {
  const auto page = html(
      "<!DOCTYPE html><html><head><base href='https://mirror.example/base/'></head><body>\n"
      "<!-- <a href=\"commented-1.0.tar.gz\">x</a> -->\n"
      "<A  HREF = \"demo-1.0-py3-none-any.whl#sha256=" +
      kHash +
      "\" data-requires-python=\"&gt;=3.6\">demo</A>\n"
      "<a class=x href=../p/demo%2D1.1.tar.gz?a=1&amp;b=2#md5=AB&egg=demo data-yanked>t</a>"
      "<a data-yanked='bad &quot;thing&quot; &#x41;&#66;' href='demo-1.2.zip'>t</a>"
      "<a>no target</a><a href=''>none</a><abbr href='no'>n</abbr>");
  CHECK(page.base == "https://mirror.example/base/");
  REQUIRE(page.files.size() == 3);
  CHECK(page.files[0].name == "demo-1.0-py3-none-any.whl");
  CHECK(page.files[0].url == "demo-1.0-py3-none-any.whl");
  CHECK(page.files[0].integrity == std::vector<Integrity>{{"sha256", kHash}});
  CHECK_FALSE(page.files[0].yanked);
  CHECK(page.files[1].name == "demo-1.1.tar.gz");
  CHECK(page.files[1].url == "../p/demo%2D1.1.tar.gz?a=1&b=2");
  CHECK(page.files[1].integrity.front() == Integrity{"md5", "ab"});
  CHECK(page.files[1].yanked);
  CHECK(page.files[2].yank_reason == "bad \"thing\" AB");
}

TEST_CASE("simple page: broken HTML ends where it breaks") {
  for (const char* text : {"<", "<a", "<a href", "<a href=", "<a href=\"", "<a href=\"x", "<!--",
                           "<a =", "<a ==x>", "<a href='x", "&#;", "< < <"}) {
    CAPTURE(text);
    CHECK(html(text).files.empty());
  }
  CHECK(html("<a href=x").files.size() == 1);
  CHECK(html("<a href='&unknown;&amp' data-yanked='&#0;&#x;&#x110000;'>").files.at(0).url ==
        "&unknown;&amp");
  CHECK(html("<a href=x data-yanked='&#0;&#x;'>").files.at(0).yank_reason == "&#0;&#x;");
}

TEST_CASE("simple page: without a type the first byte tells JSON from HTML") {
  CHECK(read("", R"( {"files":[]})").has_value());
  CHECK(read("", "<a href=x>")->files.size() == 1);
  CHECK(read("text/html", R"({"files":[1]})")->files.empty());
}

TEST_CASE("simple page: the version is in a file's name") {
  CHECK(version_of_file("demo-1.0-py3-none-any.whl", "demo") == "1.0");
  CHECK(version_of_file("Demo_Dep-1.0+cu118-1-cp39-cp39-linux_x86_64.whl", "demo-dep") ==
        "1.0+cu118");
  CHECK(version_of_file("demo-dep-1.0.tar.gz", "demo-dep") == "1.0");
  CHECK(version_of_file("demo.dep-1.0-1.zip", "demo-dep") == "1.0-1");
  CHECK(version_of_file("demo-1.0-py3.9.egg", "demo") == "1.0");
  CHECK(version_of_file("demo-1.0.egg", "demo") == "1.0");
  CHECK(version_of_file("demo-dep-1.0.tar.gz", "demo") == "dep-1.0");
  for (const char* other : {"", "demo", "demo.whl", "other-1.0.tar.gz", "demo-1.0.exe", "-", ".whl",
                            "demo.tar.gz", "README"}) {
    CAPTURE(other);
    CHECK(version_of_file(other, "demo").empty());
  }
}

TEST_CASE("simple page: a release has all its files and no other's") {
  for (const char* file :
       {"demo-1.0.tar.gz", "demo-1.0.0.zip", "demo-1.0-py3-none-any.whl", "demo-1.0-py2.7.egg",
        "demo-1.0.win32-py2.7.exe", "demo-1.0-1.noarch.rpm", "demo-1.0-linux-x86_64.tar.gz",
        "Demo-1.0.dmg"}) {
    CAPTURE(file);
    CHECK(is_of_release(file, "demo", "1.0"));
  }
  for (const char* file :
       {"demo-1.0.1.tar.gz", "demo-1.0.post1.zip", "demo-1.0.1.exe", "demo-11.0.exe",
        "demo-1.01.exe", "demo-dep-1.0.tar.gz", "demo.exe", "demo-1.0rc1-py3-none-any.whl", ""}) {
    CAPTURE(file);
    CHECK_FALSE(is_of_release(file, "demo", "1.0"));
  }
}

TEST_CASE("simple page: the name of a file takes no time with the square of its length") {
  const std::string name = std::string(200'000, '-') + "1.0.tar.gz";
  CHECK(version_of_file("demo" + name, "demo").empty());
  CHECK_FALSE(is_of_release(name, "demo", "1.0"));
}

TEST_CASE("simple page: what comes from another process is no more than the body can say") {
  const auto believed = [](const SimplePage& page, std::size_t body) {
    const std::string bytes = simple_page_bytes(page);
    return simple_page_from_bytes(as_bytes(bytes), body).has_value();
  };
  SimplePage page{.base = "https://a.example/", .files = {}};
  page.files.push_back({.name = "demo-1.0.tar.gz",
                        .url = "demo-1.0.tar.gz",
                        .integrity = {{"sha256", kHash}},
                        .yank_reason = "why"});
  CHECK(believed(page, 1000));
  CHECK_FALSE(believed(page, 50));
  page.files[0].integrity.assign(2000, {"", ""});
  CHECK_FALSE(believed(page, 1000));
  page.files.assign(200'001, {});
  CHECK_FALSE(believed(page, 1'000'000));
  const std::string bytes = simple_page_bytes(SimplePage{});
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    CHECK_FALSE(simple_page_from_bytes(as_bytes(bytes.substr(0, n)), 100).has_value());
  }
  test::TaskLost lost;
  const auto gone = read_simple_page(&lost, "text/html", "<a href='x'>");
  REQUIRE_FALSE(gone.has_value());
  CHECK(gone.error().code == Code::worker_crash);
}
