#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("pdm: files, groups and places") {
  const auto lockfile = parsed("pdm.lock", lockfile_text("pdm.lock"));
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "demo@1.0 for-tests@2.0 from-git@3.0 local@4.0");
  const Dependency& demo = entry(lockfile, "demo");
  CHECK(demo.line == 10);
  CHECK_FALSE(demo.development);
  REQUIRE(demo.files.size() == 2);
  CHECK(demo.files[0].name == "demo-1.0.tar.gz");
  CHECK(demo.files[1].name == "demo-1.0-py3-none-any.whl");
  CHECK(demo.files[1].url == "https://files.example/demo-1.0-py3-none-any.whl");
  CHECK(entry(lockfile, "for-tests").development);
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "local").source == From::path);
  CHECK(entry(lockfile, "local").location == "local");
}

TEST_CASE("pdm: version 3 keeps the files under name and version") {
  const auto lockfile = parsed("pdm.lock", R"([[package]]
name = "a"
version = "1"
[metadata]
lock_version = "3.1"
[metadata.files]
"a 1" = [{file = "a-1.tar.gz", hash = "md5:0123456789abcdef0123456789abcdef"}]
"a 2" = [{file = "a-2.tar.gz"}])");
  REQUIRE(lockfile.dependencies.at(0).files.size() == 1);
  CHECK(lockfile.dependencies[0].files[0].name == "a-1.tar.gz");
  CHECK(lockfile.dependencies[0].files[0].integrity.at(0).algorithm == "md5");
}

TEST_CASE("pdm: another version is an error") {
  CHECK(error_of("pdm.lock", "[metadata]\nlock_version = \"5.0\"") ==
        "pdm.lock:1: lock_version '5.0' is not known; 3 and 4 are");
  CHECK(error_of("pdm.lock", "") == "pdm.lock:1: lock_version '' is not known; 3 and 4 are");
}
