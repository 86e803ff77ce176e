#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("pnpm: version 5 divides by slashes, and peers are no part of the version") {
  const auto lockfile = parsed("pnpm-lock.yaml", lockfile_text("pnpm-v5.yaml"));
  CHECK(lockfile.ecosystem == Ecosystem::npm);
  CHECK(names(lockfile) ==
        "sibling@ @scope/lib@1.2.3 plain@1.0.0 from-archive@2.0.0 mirrored@3.0.0");
  CHECK(problems(lockfile) ==
        "9: 'sibling' lies outside of the tree, at './../sibling', and is not read");
  CHECK(entry(lockfile, "@scope/lib").line == 13);
  CHECK(entry(lockfile, "@scope/lib").files.at(0).integrity.at(0).algorithm == "sha512");
  CHECK(entry(lockfile, "@scope/lib").registry == "");
  CHECK(entry(lockfile, "plain").development);
  CHECK(entry(lockfile, "plain").optional);
  CHECK(entry(lockfile, "plain").install_script);
  CHECK(entry(lockfile, "from-archive").source == From::url);
  CHECK(entry(lockfile, "from-archive").location.starts_with("https://codeload.github.com/o/r/"));
  CHECK(entry(lockfile, "mirrored").source == From::registry);
  CHECK(entry(lockfile, "mirrored").registry == "https://registry.example/");
}

TEST_CASE("pnpm: version 6 divides by '@' behind a slash") {
  const auto lockfile = parsed("app/pnpm-lock.yaml", lockfile_text("pnpm-v6.yaml"));
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "b@ @scope/lib@1.2.3 plain@1.0.0 local@4.0.0");
  CHECK(entry(lockfile, "b").source == From::path);
  CHECK(entry(lockfile, "b").location == "app/packages/b");
  CHECK(entry(lockfile, "b").line == 16);
  CHECK(entry(lockfile, "b").development);
  CHECK(entry(lockfile, "@scope/lib").development);
  CHECK(entry(lockfile, "plain").install_script);
  CHECK(entry(lockfile, "local").source == From::path);
  CHECK(entry(lockfile, "local").location == "app/local");
}

TEST_CASE("pnpm: version 9 divides by '@' and says apart what is optional") {
  const auto lockfile = parsed("pnpm-lock.yaml", lockfile_text("pnpm-v9.yaml"));
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) ==
        "@scope/lib@1.2.3 from-archive@2.0.0 from-git@3.0.0 local@ node@24.0.0 plain@1.0.0 "
        "remote@5.0.0");
  CHECK(entry(lockfile, "@scope/lib").line == 16);
  CHECK(entry(lockfile, "@scope/lib").optional);
  CHECK_FALSE(entry(lockfile, "plain").optional);
  CHECK(entry(lockfile, "from-archive").source == From::url);
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").location == "https://git.example/o/from-git.git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '2'));
  CHECK(entry(lockfile, "local").location == "packages/local");
  const Dependency& runtime = entry(lockfile, "node");
  CHECK(runtime.source == From::url);
  CHECK(runtime.files.at(0).name == "node-v24.0.0-linux-x64.tar.gz");
  CHECK(runtime.files.at(0).integrity.size() == 1);
  CHECK(entry(lockfile, "remote").files.at(0).url == "https://archives.example/r.tgz");
  CHECK(entry(lockfile, "remote").files.at(0).integrity.size() == 1);
}

TEST_CASE("pnpm: all documents of a file are read") {
  const std::string one = "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {}\n";
  const std::string two = "lockfileVersion: '9.0'\npackages:\n  b@1.0.0:\n    resolution: {}\n";
  CHECK(names(parsed("pnpm-lock.yaml", "---\n" + one + "---\n" + two)) == "a@1.0.0 b@1.0.0");
}

TEST_CASE("pnpm: no resolution, an unknown kind of it and a name that can be none are problems") {
  const auto lockfile = parsed("pnpm-lock.yaml", R"(lockfileVersion: '9.0'
packages:
  a@1.0.0: {}
  b@1.0.0:
    resolution: {type: odd}
  ../c@1.0.0:
    resolution: {integrity: x}
)");
  CHECK(names(lockfile) == "a@1.0.0 b@1.0.0");
  CHECK(problems(lockfile) ==
        "3: 'a@1.0.0' has no resolution\n"
        "4: 'b' comes from a source of the unknown type 'odd'\n"
        "6: 'x' of '../c' is no digest\n"
        "6: '../c' cannot be the name of a package, so the entry is left out");
}

TEST_CASE("pnpm: an archive as seen from the registry is the package's own, or a problem") {
  const auto lockfile = parsed("pnpm-lock.yaml", R"(lockfileVersion: 5.4
packages:
  /a/1.0.0:
    resolution: {tarball: a/-/a-1.0.0.tgz}
  /b/1.0.0:
    resolution: {tarball: evil/-/evil-1.0.0.tgz}
  /c/1.0.0:
    resolution: {tarball: //evil.example/c/-/c-1.0.0.tgz}
)");
  CHECK(names(lockfile) == "a@1.0.0 b@1.0.0 c@1.0.0");
  CHECK(problems(lockfile) ==
        "5: 'b' comes from 'evil/-/evil-1.0.0.tgz', which is not read\n"
        "7: 'c' comes from '//evil.example/c/-/c-1.0.0.tgz', which is not read");
}

TEST_CASE("pnpm: an unknown version and nothing at all are errors") {
  CHECK(error_of("pnpm-lock.yaml", "a: b\nlockfileVersion: 7.0\n") ==
        "pnpm-lock.yaml:2: lockfileVersion '7.0' is not known; 5, 6 and 9 are");
  CHECK(error_of("pnpm-lock.yaml", "") == "pnpm-lock.yaml:1: holds nothing");
}
