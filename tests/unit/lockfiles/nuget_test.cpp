#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("nuget: packages of all frameworks, whose digests are of content alone") {
  const auto lockfile = parsed("packages.lock.json", lockfile_text("packages.lock.json"));
  CHECK(lockfile.ecosystem == Ecosystem::nuget);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "Demo.Direct@1.0.0 Demo.Other@2.0.0 project.other@");
  CHECK(entry(lockfile, "Demo.Direct").line == 5);
  CHECK(entry(lockfile, "Demo.Direct").files.at(0).integrity.at(0) ==
        Integrity{"contentHash", std::string(128, '0')});
  CHECK(entry(lockfile, "project.other").source == From::path);
}

TEST_CASE("nuget: another version is an error, a broken digest a problem") {
  CHECK(error_of("packages.lock.json", "{\"version\": 3}")
            .starts_with("packages.lock.json:1: is no lockfile of NuGet of version 1 or 2"));
  const auto lockfile = parsed(
      "packages.lock.json",
      "{\"version\": 2, \"dependencies\": {\"a\": {\n\"b\": {\"resolved\": \"1\", \"contentHash\": "
      "\"?\"}}}}");
  CHECK(problems(lockfile) == "2: '?' of 'b' is no digest");
}
