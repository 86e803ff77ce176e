#include "judge/installed.h"

#include <doctest/doctest.h>

#include "support/judging.h"

using namespace minescan;
using test::trail;

namespace {

// The package of a finding in `path`, where "lib/x" holds the package pkg:npm/x@1.
std::string package_of(const std::string& path) {
  Artifact artifact;
  artifact.kind = Artifact::Kind::tree;
  Record record;
  record.packages = {{trail("unit", {"lib/x/package.json"}), "pkg:npm/x@1", "lib/x"}};
  std::vector<Finding> findings(1);
  findings[0].trail = trail("unit", {path});
  judge::name_packages(artifact, {record}, findings);
  return findings[0].package;
}

}  // namespace

TEST_CASE("installed: a finding is in the package that has its file") {
  CHECK(package_of("lib/x/a/b.js") == "pkg:npm/x@1");
  CHECK(package_of("./lib//x/b.js") == "pkg:npm/x@1");
  CHECK(package_of("lib/xy/b.js") == "");
}

TEST_CASE("installed: a path of many folders takes no time with the square of its length") {
  std::string path = "lib/x/";
  for (int i = 0; i < 500'000; ++i) path += "a/";
  CHECK(package_of(path) == "");
}
