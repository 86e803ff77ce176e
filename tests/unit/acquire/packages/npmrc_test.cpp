#include "acquire/packages/npmrc.h"

#include <doctest/doctest.h>

using namespace minescan::acquire;

TEST_CASE("npmrc: keys, values, comments and quotes are read as npm reads them") {
  const auto values = parse_npmrc(
      "\xef\xbb\xbfregistry = https://npm.example/ ; the mirror\r\n"
      "# a comment\n  ; another\n\n"
      "//npm.example/:_authToken=\"a#b\"\n"
      "quoted='x;y'\n"
      "escaped=a\\;b\\#c\\\\d\\e\n"
      "flag\n"
      "empty=\n"
      "equals=a=b\n"
      "registry=https://last.example/\n"
      "ca[]=one\n"
      "[section]\n"
      "registry=https://section.example/\n");
  CHECK(values.at("registry") == "https://last.example/");
  CHECK(values.at("//npm.example/:_authToken") == "a#b");
  CHECK(values.at("quoted") == "x;y");
  CHECK(values.at("escaped") == "a;b#c\\d\\e");
  CHECK(values.at("flag") == "true");
  CHECK(values.at("empty").empty());
  CHECK(values.at("equals") == "a=b");
  CHECK(values.size() == 7);
}

TEST_CASE("npmrc: variables of the environment are put in, absent ones stay or vanish") {
  const Environment environment{.variables = {{"A", "one"}, {"B", ""}}};
  CHECK(expand_variables("x${A}y${A}", environment) == "xoneyone");
  CHECK(expand_variables("[${B}][${C}][${C?}]", environment) == "[][${C}][]");
  CHECK(expand_variables("\\${A} \\\\${A}", environment) == "${A} \\one");
  for (const char* plain : {"", "$A", "${", "${}", "${A", "$ {A}", "${A?x}", "${A${"}) {
    CAPTURE(plain);
    CHECK_FALSE(has_variables(plain));
    CHECK(expand_variables(plain, environment) == plain);
  }
  CHECK(expand_variables("${${A}", environment) == "${one");
}
