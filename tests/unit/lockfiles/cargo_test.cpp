#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("cargo: version 4, with sources of all kinds") {
  const auto lockfile = parsed("Cargo.lock", lockfile_text("Cargo-v4.lock"));
  CHECK(lockfile.ecosystem == Ecosystem::cargo);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "app@0.1.0 demo@1.0.0+build.5 from-git@2.0.0 private@3.0.0");
  CHECK(entry(lockfile, "app").source == From::path);
  CHECK(entry(lockfile, "app").line == 5);
  const Dependency& demo = entry(lockfile, "demo");
  CHECK(demo.source == From::registry);
  CHECK(demo.registry == "");
  CHECK(demo.line == 13);
  REQUIRE(demo.files.size() == 1);
  CHECK(demo.files[0].integrity.at(0) == Integrity{"sha256", std::string(64, 'a')});
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").location == "https://git.example/o/from-git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "private").registry == "sparse+https://crates.example/index/");
}

TEST_CASE("cargo: version 1 keeps the checksums apart") {
  const auto lockfile = parsed("Cargo.lock", lockfile_text("Cargo-v1.lock"));
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "app@0.1.0 demo@1.0.0");
  CHECK(entry(lockfile, "demo").files.at(0).integrity.at(0).hex == std::string(64, 'a'));
  CHECK(entry(lockfile, "app").files.empty());
}

TEST_CASE("cargo: a crate without a checksum promises nothing, and one that is none is a problem") {
  const auto lockfile = parsed("Cargo.lock", R"([[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "b"
version = "1.0.0"
source = "registry+https://git.example/index"
checksum = "abc"
[[package]]
name = "../c"
version = "1.0.0"
[[package]]
name = "d"
version = "1.0.0"
source = "carrier-pigeon"
)");
  CHECK(names(lockfile) == "a@1.0.0 b@1.0.0 d@1.0.0");
  CHECK(entry(lockfile, "a").files.empty());
  CHECK(entry(lockfile, "b").registry == "registry+https://git.example/index");
  CHECK(problems(lockfile) ==
        "5: 'sha256:abc' of 'b' is no digest\n"
        "10: '../c' cannot be the name of a package, so the entry is left out\n"
        "13: 'd' comes from 'carrier-pigeon', a source of an unknown kind");
}

TEST_CASE("cargo: another version is an error") {
  CHECK(error_of("Cargo.lock", "version = 5") ==
        "Cargo.lock:1: version '5' is not known; 1 to 4 are");
}

TEST_CASE("cargo: a checksum whose source was taken away is a problem") {
  const auto lockfile = parsed("Cargo.lock",
                               "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n"
                               "checksum = \"" +
                                   std::string(64, 'a') + "\"\n");
  CHECK(problems(lockfile).find("no source") != std::string::npos);
}
