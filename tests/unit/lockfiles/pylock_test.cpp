#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("pylock: packages of all kinds") {
  const auto lockfile = parsed("pylock.dev.toml", lockfile_text("pylock.toml"));
  CHECK(names(lockfile) == "demo@1.0 from-git@ local@ archived@4.0");
  CHECK(problems(lockfile) ==
        "37: 'from-hg' comes from 'hg', which is not read, so the entry is left out");
  const Dependency& demo = entry(lockfile, "demo");
  CHECK(demo.line == 6);
  CHECK(demo.registry == "https://index.example/simple");
  REQUIRE(demo.files.size() == 2);
  CHECK(demo.files[0].name == "demo-1.0.tar.gz");
  CHECK(demo.files[0].size == 1234);
  CHECK(demo.files[0].integrity.size() == 2);
  CHECK(demo.files[1].name == "demo-1.0-py3-none-any.whl");
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "local").location == "packages/local");
  CHECK(entry(lockfile, "archived").source == From::url);
  CHECK(entry(lockfile, "archived").files.at(0).integrity.at(0).hex == std::string(64, 'c'));
}

TEST_CASE("pylock: another version is an error") {
  CHECK(error_of("pylock.toml", "lock-version = \"2.0\"") ==
        "pylock.toml:1: lock-version '2.0' is not known; 1 is");
  CHECK(error_of("pylock.toml", "").starts_with("pylock.toml:1: "));
}
