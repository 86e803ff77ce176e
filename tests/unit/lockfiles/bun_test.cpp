#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("bun: tuples of all kinds") {
  const auto lockfile = parsed("bun.lock", lockfile_text("bun.lock"));
  CHECK(lockfile.ecosystem == Ecosystem::npm);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) ==
        "@scope/lib@1.2.3 plain@2.0.0 from-git@ from-github@ hooked@0.1.0 local@ local-archive@ "
        "member@ plain@1.0.0 remote@");
  const Dependency& scoped = entry(lockfile, "@scope/lib");
  CHECK(scoped.line == 18);
  CHECK(scoped.source == From::registry);
  CHECK(scoped.alias == "");
  CHECK(scoped.registry == "");
  CHECK(scoped.files.at(0).integrity.at(0).algorithm == "sha512");
  CHECK(entry(lockfile, "plain", "2.0.0").alias == "");
  CHECK(entry(lockfile, "from-git").location == "https://git.example/o/from-git.git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "from-github").location == "https://github.com/o/r");
  CHECK(entry(lockfile, "from-github").commit == "1234567");
  CHECK(entry(lockfile, "hooked").install_script);
  CHECK_FALSE(entry(lockfile, "plain").install_script);
  CHECK(entry(lockfile, "hooked").files.at(0).url ==
        "https://registry.example/hooked/-/hooked-0.1.0.tgz");
  CHECK(entry(lockfile, "local").location == "local");
  CHECK(entry(lockfile, "local-archive").location == "archives/local-archive-5.0.0.tgz");
  CHECK(entry(lockfile, "local-archive").source == From::path);
  CHECK(entry(lockfile, "member").location == "packages/member");
  CHECK(entry(lockfile, "other-name").name == "plain");
  CHECK(entry(lockfile, "other-name").registry == "https://registry.example/");
  CHECK(entry(lockfile, "remote").source == From::url);
  CHECK(entry(lockfile, "remote").files.at(0).integrity.size() == 1);
}

TEST_CASE("bun: what is no tuple is a problem") {
  const auto lockfile = parsed("bun.lock",
                               "{\"lockfileVersion\": 1, \"packages\": {\n\"a\": [],\n\"b\": "
                               "\"b@1\",\n\"c\": [1],\n\"..\": [\"../d@1.0.0\"]}}");
  CHECK(names(lockfile) == "");
  CHECK(lockfile.problems.size() == 4);
  CHECK(lockfile.problems.at(0).what ==
        "'a' is no list that begins with a text, so the entry is left out");
  CHECK(lockfile.problems.at(3).line == 5);
}

TEST_CASE("bun: another version and the binary form are errors that say what to do") {
  CHECK(error_of("bun.lock", "{\n\"lockfileVersion\": 9}") ==
        "bun.lock:2: is no lockfile of bun of version 0 or 1, the only ones that are known");
  const auto binary = parse_text("bun.lockb", std::string("#!/usr/bin/env bun\n\0", 20));
  REQUIRE_FALSE(binary.has_value());
  CHECK(binary.error().code == Code::unsupported);
  CHECK(binary.error().what ==
        "bun.lockb:1: bun's binary lockfiles are not read; write bun.lock with 'bun install "
        "--save-text-lockfile'");
}
