#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("uv: sources of all kinds, with the files of each release") {
  const auto lockfile = parsed("uv.lock", lockfile_text("uv.lock"));
  CHECK(lockfile.ecosystem == Ecosystem::pypi);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "demo@1.0 from-git@2.0 from-url@3.0 member@ archived@4.0");
  const Dependency& demo = entry(lockfile, "demo");
  CHECK(demo.line == 16);
  CHECK(demo.registry == "https://index.example/simple");
  REQUIRE(demo.files.size() == 2);
  CHECK(demo.files[0].name == "demo-1.0.tar.gz");
  CHECK(demo.files[0].url == "https://files.example/a/demo-1.0.tar.gz");
  CHECK(demo.files[0].size == 1234);
  CHECK(demo.files[0].integrity.at(0) == Integrity{"sha256", std::string(64, 'a')});
  CHECK(demo.files[1].name == "demo-1.0-py3-none-any.whl");
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").location == "https://git.example/o/from-git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "from-url").source == From::url);
  CHECK(entry(lockfile, "member").source == From::path);
  CHECK(entry(lockfile, "member").location == "packages/member");
  CHECK(entry(lockfile, "archived").location == "archives/archived-4.0.tar.gz");
  CHECK(entry(lockfile, "archived").files.at(0).integrity.size() == 1);
}

TEST_CASE("uv: another version is an error") {
  CHECK(error_of("uv.lock", "\nversion = 2") ==
        "uv.lock:2: is no lockfile of uv of version 1, the only one that is known");
  CHECK(error_of("uv.lock", "").starts_with("uv.lock:1: "));
}
