#include "lockfiles/lockfiles.h"

#include <doctest/doctest.h>

#include "lockfiles/entries.h"
#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::lockfiles;
using namespace minescan::test;

TEST_CASE("lockfiles: known by the end of their path") {
  for (const char* path : {"package-lock.json",
                           "a/b/npm-shrinkwrap.json",
                           "requirements.txt",
                           "requirements-dev.txt",
                           "a/dev-requirements.txt",
                           "requirements/ci.txt",
                           "a/requirements/ci.txt",
                           "poetry.lock",
                           "uv.lock",
                           "pdm.lock",
                           "pylock.toml",
                           "pylock.dev.toml",
                           "Pipfile.lock",
                           "a/Cargo.lock",
                           "yarn.lock",
                           "pnpm-lock.yaml",
                           "bun.lock",
                           "bun.lockb",
                           "go.sum",
                           "go.work.sum",
                           "Gemfile.lock",
                           "gems.locked",
                           "packages.lock.json",
                           "gradle.lockfile",
                           "buildscript-gradle.lockfile",
                           "gradle/dependency-locks/a.lockfile"}) {
    CAPTURE(path);
    CHECK(is_lockfile(path));
  }
  for (const char* path :
       {"", "/", "package-lock.json5", "xpackage-lock.json", "package-lock.json/a",
        "node_modules/a/package-lock.json", "a/node_modules/yarn.lock"}) {
    CAPTURE(path);
    CHECK_FALSE(is_lockfile(path));
  }
  CHECK(error_of("readme.md", "") ==
        "readme.md:1: the file's name is not of a lockfile that is known");
}

TEST_CASE("lockfiles: a NUL is an error, since parsers disagree about it") {
  CHECK(error_of("package-lock.json", std::string("{}\0{", 4)) ==
        "package-lock.json:1: holds a NUL, so it is not the text that it should be");
}

TEST_CASE("lockfiles: a file over the limit is an error and not read") {
  const std::string large((std::size_t{64} << 20) + 1, ' ');
  const auto lockfile = parse_text("package-lock.json", large);
  REQUIRE_FALSE(lockfile.has_value());
  CHECK(lockfile.error().code == Code::limit_bytes);
  CHECK(lockfile.error().what == "package-lock.json:1: larger than 64 MiB");
}

TEST_CASE("lockfiles: a byte order mark is not part of the text") {
  CHECK(names(parsed("package-lock.json", "\xef\xbb\xbf{}")) == "");
}

TEST_CASE("lockfiles: more packages than the limit are an error") {
  std::string text;
  for (int i = 0; i < 500'001; ++i) text += "a:b:1\n";
  const auto lockfile = parse_text("gradle.lockfile", text);
  REQUIRE_FALSE(lockfile.has_value());
  CHECK(lockfile.error().code == Code::limit_entries);
  CHECK(lockfile.error().what ==
        "gradle.lockfile:1: more than 500000 packages, or too many digests");
}

TEST_CASE("lockfiles: a long list of digests that is named many times fills no memory") {
  std::string text = "\"a@npm:b@1\", c@1:\n  version \"1\"\n  integrity";
  for (int i = 0; i < 100; ++i) text += " md5-1B2M2Y8AsgTpgAmY7PhCfg==";
  const auto lockfile = parsed("yarn.lock", text + "\n");
  CHECK(lockfile.dependencies.at(0).files.at(0).integrity.size() == 64);
  CHECK(lockfile.problems.size() == 2);

  Entries entries(Ecosystem::npm, "yarn.lock", 2 * sizeof(Dependency));
  for (const char* name : {"a", "b"}) {
    CHECK_FALSE(entries.is_full());
    entries.add({.name = name, .version = "1.0.0", .line = 1});
  }
  CHECK_FALSE(entries.is_full());
  entries.add({.name = "c", .version = "1.0.0", .line = 1});
  CHECK(entries.is_full());
  const auto taken = entries.take();
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code == Code::limit_entries);
}

TEST_CASE("lockfiles: of many problems the first thousand are listed and the rest counted") {
  std::string text = "{\"packages\": {";
  for (int i = 0; i < 1500; ++i) {
    text += (i == 0 ? "\"node_modules/." : ",\"node_modules/.") + std::to_string(i) + "\": {}";
  }
  const auto lockfile = parsed("package-lock.json", text + "}}");
  REQUIRE(lockfile.problems.size() == 1001);
  CHECK(lockfile.problems.back().what == "there are 500 further problems");
}

TEST_CASE("lockfiles: what was asked for when they were made is known") {
  using lockfiles::knows_wish;
  const auto npm = parsed("package-lock.json", R"({"lockfileVersion": 3, "packages": {
    "": {"dependencies": {"a": "^1.0.0", "b": "npm:c@2"}, "devDependencies": {"d": ""}},
    "packages/x": {"optionalDependencies": {"e": "5"}},
    "node_modules/e": {"version": "5.0.0", "dependencies": {"f": "1"}}}})");
  CHECK(knows_wish(npm, "", "a", "^1.0.0"));
  CHECK(knows_wish(npm, "", "b", "npm:c@2"));
  CHECK(knows_wish(npm, "", "d", ""));
  CHECK(knows_wish(npm, "packages/x", "e", "5"));
  CHECK_FALSE(knows_wish(npm, "", "a", "^2.0.0"));
  CHECK_FALSE(knows_wish(npm, "", "e", "5"));
  CHECK_FALSE(knows_wish(npm, "packages/x", "a", "^1.0.0"));
  CHECK_FALSE(knows_wish(npm, "node_modules/e", "f", "1"));
  // Version 1 names packages only: a range may be met, a place is another package.
  const auto old = parsed("package-lock.json",
                          R"({"lockfileVersion": 1, "dependencies": {"a": {"version": "1.0.0"}}})");
  CHECK(knows_wish(old, "", "a", "^1.0.0"));
  CHECK_FALSE(knows_wish(old, "", "a", "https://x.example/a.tgz"));
  CHECK_FALSE(knows_wish(old, "", "b", "1"));
  const auto classic = parsed("yarn.lock", "a@^1.0.0, \"b@npm:c@2\":\n  version \"1.0.0\"\n");
  CHECK(knows_wish(classic, "packages/x", "a", "^1.0.0"));
  CHECK(knows_wish(classic, "", "b", "npm:c@2"));
  CHECK_FALSE(knows_wish(classic, "", "a", "^1.0.1"));
  const auto berry = parsed("yarn.lock",
                            "__metadata:\n  version: 8\n\"a@npm:^1.0.0\":\n  version: 1.0.0\n"
                            "  resolution: \"a@npm:1.0.0\"\n");
  CHECK(knows_wish(berry, "", "a", "^1.0.0"));
  CHECK_FALSE(knows_wish(berry, "", "a", "^2"));
  const auto pnpm = parsed("pnpm-lock.yaml",
                           "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n"
                           "        specifier: ^1.0.0\n        version: 1.0.0\n");
  CHECK(knows_wish(pnpm, "", "a", "^1.0.0"));
  CHECK_FALSE(knows_wish(pnpm, "", "a", "2"));
  const auto pnpm5 = parsed("pnpm-lock.yaml", "lockfileVersion: 5.4\nspecifiers:\n  a: ^1.0.0\n");
  CHECK(knows_wish(pnpm5, "", "a", "^1.0.0"));
  const auto bun = parsed("bun.lock", R"({"lockfileVersion": 1, "workspaces": {
    "": {"dependencies": {"a": "^1.0.0"}}}, "packages": {}})");
  CHECK(knows_wish(bun, "", "a", "^1.0.0"));
  CHECK_FALSE(knows_wish(bun, "", "a", "2"));
}
