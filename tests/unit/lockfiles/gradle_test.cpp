#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;

TEST_CASE("gradle: a module a line, for tests when no other configuration has it") {
  const auto lockfile = parsed("gradle.lockfile", lockfile_text("gradle.lockfile"));
  CHECK(lockfile.ecosystem == Ecosystem::maven);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "org.example:demo@1.0.0 org.example.test:for-tests@2.0.0.Final");
  CHECK(lockfile.dependencies.at(0).line == 4);
  CHECK_FALSE(lockfile.dependencies.at(0).development);
  CHECK(lockfile.dependencies.at(1).development);
}

TEST_CASE("gradle: a line that is none is a problem") {
  const auto lockfile = parsed("gradle.lockfile", "a:b=c\n\n../a:b:1=c\na:b:1\n");
  CHECK(names(lockfile) == "a:b@1");
  CHECK(problems(lockfile) ==
        "1: 'a:b=c' is no line of a lockfile of Gradle\n"
        "3: '../a:b' cannot be the name of a package, so the entry is left out");
}
