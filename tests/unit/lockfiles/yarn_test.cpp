#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("yarn 1: blocks of all kinds") {
  const auto lockfile = parsed("yarn.lock", lockfile_text("yarn-v1.lock"));
  CHECK(lockfile.ecosystem == Ecosystem::npm);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) ==
        "@scope/lib@1.2.3 from-codeload@2.0.0 from-git@3.0.0 from-http-git@3.1.0 local@4.0.0 "
        "mirrored@1.0.0 plain@1.0.0 plain@1.0.0 unpromised@5.0.0");
  const Dependency& scoped = entry(lockfile, "@scope/lib");
  CHECK(scoped.line == 5);
  CHECK(scoped.source == From::registry);
  REQUIRE(scoped.files.size() == 1);
  CHECK(scoped.files[0].url == "https://registry.example/@scope/lib/-/lib-1.2.3.tgz");
  REQUIRE(scoped.files[0].integrity.size() == 2);
  CHECK(scoped.files[0].integrity[0] == Integrity{"sha512", std::string(128, '0')});
  CHECK(scoped.files[0].integrity[1] == Integrity{"sha1", std::string(40, 'a')});
  CHECK(entry(lockfile, "from-codeload").source == From::url);
  CHECK(entry(lockfile, "from-codeload").files.at(0).integrity.empty());
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").location == "ssh://git@git.example/o/from-git.git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "from-git").files.empty());
  CHECK(entry(lockfile, "from-http-git").source == From::git);
  CHECK(entry(lockfile, "from-http-git").commit == std::string(40, '2'));
  CHECK(entry(lockfile, "local").source == From::path);
  CHECK(entry(lockfile, "local").location == "local");
  CHECK(entry(lockfile, "mirrored").source == From::registry);
  CHECK(entry(lockfile, "mirrored").files.at(0).name == "mirrored-1.0.0.tgz");
  CHECK(entry(lockfile, "mirrored").files.at(0).integrity.at(0).hex == std::string(40, 'b'));
  CHECK(entry(lockfile, "other-name").name == "plain");
  CHECK(entry(lockfile, "plain").alias == "");
  CHECK(entry(lockfile, "unpromised").files.at(0).integrity.empty());
}

TEST_CASE("yarn 1: a file without entries is one") {
  CHECK(names(parsed("yarn.lock", "")) == "");
  CHECK(names(parsed("yarn.lock", "# yarn lockfile v1\r\n\r\n")) == "");
}

TEST_CASE("yarn 1: line ends of Windows are line ends") {
  const auto lockfile = parsed("yarn.lock", "\r\na@1:\r\n  version \"1.0.0\"\r\n");
  CHECK(names(lockfile) == "a@1.0.0");
  CHECK(lockfile.dependencies[0].line == 2);
}

TEST_CASE("yarn 1: a line that is none of yarn's is an error with its number") {
  const auto error = [](const std::string& text) { return error_of("yarn.lock", text); };
  CHECK(error("a@1:\n<<<<<<< HEAD\n") ==
        "yarn.lock:2: '<<<<<<< HEAD' is no line of a lockfile of yarn");
  CHECK(error("  version \"1\"\n").starts_with("yarn.lock:1: "));
  CHECK(error("a@1\n").starts_with("yarn.lock:1: "));
  CHECK(error("\"a@1:\n").starts_with("yarn.lock:1: "));
  CHECK(error("a@1:\n    version \"1\"\n").starts_with("yarn.lock:2: "));
  CHECK(error("a@1:\n  version\n").starts_with("yarn.lock:2: "));
}

TEST_CASE("yarn 1: a name that can be none, a repeated line and no version are problems") {
  const auto lockfile = parsed("yarn.lock",
                               "\"../a@1\":\n  version \"1\"\n"
                               "b@1:\n  version \"1\"\n  version \"2\"\n"
                               "c@1:\n  resolved \"https://r.example/c/-/c-1.tgz\"\n");
  CHECK(problems(lockfile) ==
        "1: '../a' cannot be the name of a package, so the entry is left out\n"
        "5: 'version' stands twice in one entry\n"
        "6: 'c' is not pinned to a version, so what is installed can change at any time");
}

TEST_CASE("yarn 1: a place that is neither URL nor in the tree is a problem") {
  const auto lockfile =
      parsed("yarn.lock",
             "a@1:\n  version \"1\"\n  resolved \"https:evil.example/a.tgz\"\n"
             "b@1:\n  version \"1\"\n  resolved \"//evil.example/b.tgz\"\n"
             "c@1:\n  version \"1\"\n  resolved \"https://evil.example/d/-/d.tgz\"\n");
  CHECK(lockfile.problems.size() == 2);
  CHECK(entry(lockfile, "a").source == From::path);
  CHECK(entry(lockfile, "b").source == From::path);
  CHECK(entry(lockfile, "c").source == From::url);
}

TEST_CASE("yarn 2 and later: resolutions of all kinds, and no digest of any") {
  const auto lockfile = parsed("yarn.lock", lockfile_text("yarn-v8.lock"));
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) ==
        "@scope/lib@1.2.3 from-archive@1.0.0 from-git@3.0.0 from-git-2@3.1.0 local@4.0.0 "
        "made@4.1.0 member@ plain@1.0.0 plain@1.0.0 patched@2.0.0 remote@5.0.0");
  const Dependency& scoped = entry(lockfile, "@scope/lib");
  CHECK(scoped.line == 8);
  CHECK(scoped.source == From::registry);
  CHECK(scoped.files.empty());
  CHECK(entry(lockfile, "from-archive").source == From::registry);
  CHECK(entry(lockfile, "from-archive").files.at(0).url ==
        "https://registry.example/from-archive/-/from-archive-1.0.0.tgz");
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").location == "https://git.example/o/from-git.git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "from-git-2").location == "git@git.example:o/from-git.git");
  CHECK(entry(lockfile, "from-git-2").commit == std::string(40, '2'));
  CHECK(entry(lockfile, "local").location == "local");
  CHECK(entry(lockfile, "made").source == From::path);
  CHECK(entry(lockfile, "made").install_script);
  CHECK(entry(lockfile, "member").location == "packages/member");
  CHECK(entry(lockfile, "other-name").name == "plain");
  CHECK(entry(lockfile, "plain").alias == "");
  CHECK(entry(lockfile, "patched").source == From::registry);
  CHECK(entry(lockfile, "remote").source == From::url);
  CHECK(entry(lockfile, "remote").location == "https://archives.example/r.tgz");
}

TEST_CASE("yarn 2 and later: what disagrees or is unknown is a problem") {
  const auto lockfile = parsed("yarn.lock", R"(__metadata:
  version: 6
"a@npm:1":
  version: 1.0.0
  resolution: "a@npm:1.0.1"
"b@odd:1":
  resolution: "b@odd:1"
"c@npm:1":
  version: 1.0.0
"d@npm:1":
  resolution: "d@npm:1.0.0::__archiveUrl=https%3A%2F%2Fevil.example%2Fx.tgz"
)");
  CHECK(names(lockfile) == "a@1.0.1 d@1.0.0");
  CHECK(problems(lockfile) ==
        "3: 'a' has the version '1.0.0', but its resolution is 'a@npm:1.0.1'\n"
        "6: 'b@odd:1' comes from a source of an unknown kind, so the entry is left out\n"
        "8: 'c@npm:1' has no resolution, so the entry is left out");
  CHECK(entry(lockfile, "d").source == From::url);
}

TEST_CASE("yarn 2 and later: an unknown version and broken YAML are errors") {
  CHECK(error_of("yarn.lock", "__metadata:\n  version: 99\n") ==
        "yarn.lock:1: version '99' is not known; 3 to 9 are");
  CHECK(error_of("yarn.lock", "__metadata:\n  version: [\n").find("not YAML") != std::string::npos);
  CHECK(error_of("yarn.lock", "__metadata: {version: 8}\n---\na: b\n") ==
        "yarn.lock:1: not a lockfile of yarn");
}
