#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;

TEST_CASE("go.sum: modules whose code is fetched, with Go's own kind of digest") {
  const auto lockfile = parsed("go.sum", lockfile_text("go.sum"));
  CHECK(lockfile.ecosystem == Ecosystem::golang);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "golang.example/x/mod@v0.1.0 golang.example/Old@v2.0.0+incompatible");
  CHECK(lockfile.dependencies.at(0).line == 1);
  CHECK(lockfile.dependencies.at(1).line == 4);
  CHECK(lockfile.dependencies.at(0).files.at(0).integrity.at(0) ==
        Integrity{"h1", std::string(64, '0')});
}

TEST_CASE("go.sum: a line, a digest or a name that can be none is a problem") {
  const auto lockfile = parsed("go.sum",
                               "\nword\na.example/b v1.0.0 h1:?\n"
                               "a.example/../b v1.0.0 h1:AAAA\na.example/c v1.0.0 h1:AAAA x\n");
  CHECK(names(lockfile) == "a.example/b@v1.0.0");
  CHECK(problems(lockfile) ==
        "2: 'word' is no line of go.sum\n"
        "3: 'h1:?' of 'a.example/b' is no digest\n"
        "4: 'a.example/../b' cannot be the name of a package, so the entry is left out\n"
        "5: 'a.example/c v1.0.0 h1:AAAA x' is no line of go.sum");
}
