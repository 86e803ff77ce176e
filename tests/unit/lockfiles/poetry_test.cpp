#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("poetry: version 1 keeps the files apart, of which each version gets its own") {
  const auto lockfile = parsed("poetry.lock", lockfile_text("poetry-1.lock"));
  CHECK(lockfile.ecosystem == Ecosystem::pypi);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "demo-package@1.0 other@2.0");
  const Dependency& demo = entry(lockfile, "demo-package");
  CHECK(demo.line == 1);
  CHECK_FALSE(demo.development);
  REQUIRE(demo.files.size() == 2);
  CHECK(demo.files[0].name == "demo_package-1.0-py3-none-any.whl");
  CHECK(demo.files[0].url == "");
  CHECK(demo.files[0].integrity.at(0) == Integrity{"sha256", std::string(64, 'a')});
  const Dependency& other = entry(lockfile, "other");
  CHECK(other.line == 12);
  CHECK(other.development);
  CHECK(other.optional);
  CHECK(other.registry == "https://index.example/simple");
  REQUIRE(other.files.size() == 1);
  CHECK(other.files[0].name == "other-2.0.tar.gz");
}

TEST_CASE("poetry: version 1.0 has digests without names") {
  const auto lockfile = parsed("poetry.lock",
                               "[[package]]\nname = \"A.b\"\nversion = \"1\"\n[metadata]\n"
                               "lock-version = \"1.0\"\n[metadata.hashes]\na-b = [\"" +
                                   std::string(64, 'a') + "\", \"" + std::string(64, 'b') + "\"]");
  REQUIRE(lockfile.dependencies.at(0).files.size() == 1);
  CHECK(lockfile.dependencies[0].files[0].integrity.size() == 2);
}

TEST_CASE("poetry: version 2, with sources of all kinds") {
  const auto lockfile = parsed("app/poetry.lock", lockfile_text("poetry-2.lock"));
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "demo-package@1.0 for-tests@2.0 from-git@3.0 from-url@4.0 local@5.0");
  CHECK(entry(lockfile, "demo-package").line == 3);
  CHECK(entry(lockfile, "demo-package").files.size() == 2);
  CHECK_FALSE(entry(lockfile, "demo-package").development);
  CHECK(entry(lockfile, "for-tests").development);
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").location == "https://git.example/o/from-git.git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "from-url").source == From::url);
  CHECK(entry(lockfile, "from-url").files.at(0).url ==
        "https://files.example/from_url-4.0-py3-none-any.whl");
  CHECK(entry(lockfile, "local").source == From::path);
  CHECK(entry(lockfile, "local").location == "local");
}

TEST_CASE("poetry: what is none of its versions is an error") {
  CHECK(error_of("poetry.lock", "") ==
        "poetry.lock:1: has no [metadata], so it is none of poetry's");
  CHECK(error_of("poetry.lock", "\n[metadata]\nlock-version = \"3.0\"") ==
        "poetry.lock:2: lock-version '3.0' is not known; 1 and 2 are");
  CHECK(error_of("poetry.lock", "<<<<<<< HEAD\n").starts_with("poetry.lock:1: not TOML: "));
}

TEST_CASE("poetry: an unknown source and a file that can be none are problems") {
  const auto lockfile = parsed("poetry.lock", R"([metadata]
lock-version = "2.0"
[[package]]
name = "a"
version = "1"
files = [{file = "..", hash = "sha256:x"}]
[package.source]
type = "ftp")");
  CHECK(names(lockfile) == "a@1");
  CHECK(problems(lockfile) ==
        "3: 'sha256:x' of 'a' is no digest\n"
        "3: 'a' comes from a source of the unknown type 'ftp'\n"
        "3: '..' of 'a' cannot be the name of a file");
  CHECK(lockfile.dependencies[0].files.empty());
}
