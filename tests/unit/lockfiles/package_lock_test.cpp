#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

namespace {

// A lockfile of version 3 with these members of "packages"; the first is on line 2.
std::string packages(const std::string& members) {
  return "{\"lockfileVersion\": 3, \"packages\": {\n" + members + "}}";
}

Dependency only(const std::string& members) {
  const auto lockfile = parsed("package-lock.json", packages(members));
  REQUIRE(lockfile.dependencies.size() == 1);
  return lockfile.dependencies.front();
}

}  // namespace

TEST_CASE("package-lock: versions 2 and 3 as npm writes them") {
  for (const char* name : {"npm-v2.json", "npm-v3.json"}) {
    CAPTURE(name);
    const auto lockfile = parsed("package-lock.json", lockfile_text(name));
    CHECK(lockfile.ecosystem == Ecosystem::npm);
    CHECK(problems(lockfile) == "");
    CHECK(names(lockfile) ==
          "local-folder@7.0.0 @scope/lib@1.2.3 plain@1.0.0 bundler@1.0.0 inner@3.0.0 "
          "for-tests@1.0.0 from-git@6.0.0 gyped@0.2.0 hooked@0.1.0 local-archive@5.0.0 "
          "maybe@1.0.0-rc.1 plain@1.0.0 plain@2.0.0 remote@4.0.0 member@8.0.0 plain@1.0.0");
    const Dependency& scoped = entry(lockfile, "@scope/lib");
    CHECK(scoped.source == From::registry);
    CHECK(scoped.line == 37);
    CHECK(scoped.file == "package-lock.json");
    REQUIRE(scoped.files.size() == 1);
    CHECK(scoped.files[0].url == "https://registry.example/@scope/lib/-/lib-1.2.3.tgz");
    REQUIRE(scoped.files[0].integrity.size() == 1);
    CHECK(scoped.files[0].integrity[0].algorithm == "sha512");
    CHECK(scoped.files[0].integrity[0].hex.starts_with("7b5c81c147e302"));
    CHECK(entry(lockfile, "local-folder").source == From::path);
    CHECK(entry(lockfile, "local-folder").location == "folder");
    CHECK(entry(lockfile, "member").source == From::path);
    CHECK(entry(lockfile, "member").location == "packages/member");
    CHECK(entry(lockfile, "inner").source == From::bundled);
    CHECK(entry(lockfile, "inner").files.empty());
    CHECK(entry(lockfile, "for-tests").development);
    CHECK_FALSE(entry(lockfile, "plain").development);
    CHECK(entry(lockfile, "maybe").optional);
    CHECK(entry(lockfile, "hooked").install_script);
    CHECK(entry(lockfile, "gyped").install_script);
    CHECK_FALSE(entry(lockfile, "plain").install_script);
    const Dependency& git = entry(lockfile, "from-git");
    CHECK(git.source == From::git);
    CHECK(git.location == "ssh://git@git.example/o/from-git.git");
    CHECK(git.commit == "5efbe5f29b9e55b7f2cdf8d1c7cdae55a8658f17");
    CHECK(git.files.empty());
    const Dependency& archive = entry(lockfile, "local-archive");
    CHECK(archive.source == From::path);
    CHECK(archive.location == "archives/local-archive-5.0.0.tgz");
    CHECK(archive.files.at(0).integrity.size() == 1);
    const Dependency& alias = entry(lockfile, "other-name");
    CHECK(alias.name == "plain");
    CHECK(alias.alias == "other-name");
    const Dependency& remote = entry(lockfile, "remote");
    CHECK(remote.source == From::url);
    CHECK(remote.location == "https://archives.example/r.tgz");
    CHECK(remote.files.at(0).url == "https://archives.example/r.tgz");
  }
}

TEST_CASE("package-lock: version 1 as npm writes it") {
  const auto lockfile = parsed("npm-shrinkwrap.json", lockfile_text("npm-v1.json"));
  CHECK(names(lockfile) ==
        "@scope/lib@1.2.3 plain@1.0.0 bundler@1.0.0 inner@3.0.0 for-tests@1.0.0 from-git@ "
        "gyped@0.2.0 hooked@0.1.0 local-archive@ local-folder@ maybe@1.0.0-rc.1 member@ "
        "plain@1.0.0 nowhere@ plain@1.0.0 plain@2.0.0 remote@");
  CHECK(problems(lockfile) ==
        "82: 'nowhere' is not pinned to a version, so what is installed can change at any time");
  CHECK(entry(lockfile, "@scope/lib").line == 7);
  CHECK(entry(lockfile, "plain", "1.0.0").line == 15);
  CHECK(entry(lockfile, "inner").source == From::bundled);
  CHECK(entry(lockfile, "for-tests").development);
  CHECK(entry(lockfile, "maybe").optional);
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").commit == "5efbe5f29b9e55b7f2cdf8d1c7cdae55a8658f17");
  CHECK(entry(lockfile, "local-folder").location == "folder");
  CHECK(entry(lockfile, "local-archive").location == "archives/local-archive-5.0.0.tgz");
  CHECK(entry(lockfile, "other-name").name == "plain");
  CHECK(entry(lockfile, "other-name").version == "1.0.0");
  CHECK(entry(lockfile, "remote").source == From::url);
  CHECK(entry(lockfile, "remote").location == "https://archives.example/r.tgz");
}

TEST_CASE("package-lock: in a folder, paths are seen from the tree's root") {
  const auto lockfile = parsed("a/b/package-lock.json", packages(R"(
    "../shared": {"version": "1.0.0"},
    "../../../outside": {"version": "1.0.0"},
    "node_modules/away": {"resolved": "/etc", "link": true})"));
  CHECK(entry(lockfile, "shared").location == "a/shared");
  CHECK(problems(lockfile) ==
        "4: 'outside' lies outside of the tree, at '../../../outside', and is not read\n"
        "5: 'away' lies outside of the tree, at '/etc', and is not read");
  CHECK(entry(lockfile, "away").source == From::path);
}

TEST_CASE("package-lock: without resolved it comes from the configured registry") {
  const auto plain = only(R"("node_modules/a": {"version": "1.0.0"})");
  CHECK(plain.source == From::registry);
  CHECK(plain.files.empty());
  const auto promised = only(
      R"("node_modules/a": {"version": "1.0.0", "integrity": "md5-1B2M2Y8AsgTpgAmY7PhCfg=="})");
  REQUIRE(promised.files.size() == 1);
  CHECK(promised.files[0].url == "");
  CHECK(promised.files[0].integrity.at(0).hex == "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_CASE("package-lock: without integrity nothing is promised") {
  const auto one = only(
      R"("node_modules/a": {"version": "1.0.0", "resolved": "https://r.example/a/-/a-1.0.0.tgz"})");
  CHECK(one.source == From::registry);
  CHECK(one.files.at(0).integrity.empty());
}

TEST_CASE("package-lock: all digests of an integrity are kept, and what is none is a problem") {
  const auto lockfile = parsed("package-lock.json", packages(R"("node_modules/a":
    {"version": "1.0.0", "resolved": "https://r.example/a/-/a-1.0.0.tgz",
     "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=?x sha512-AAAA  md5-1B2M2Y8AsgTpgAmY7PhCfg=="})"));
  const auto& digests = lockfile.dependencies.at(0).files.at(0).integrity;
  REQUIRE(digests.size() == 2);
  CHECK(digests[0] == Integrity{"sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"});
  CHECK(digests[1].algorithm == "md5");
  CHECK(lockfile.problems.at(0).line == 2);
  CHECK(lockfile.problems.at(0).what.ends_with("of 'a' is no digest"));
}

TEST_CASE("package-lock: the URL of another package is not the registry's of this one") {
  CHECK(only(R"("node_modules/a": {"version": "1.0.0",
             "resolved": "https://r.example/evil/-/evil-1.0.0.tgz"})")
            .source == From::url);
  CHECK(only(R"("node_modules/@s/a": {"version": "1.0.0",
             "resolved": "https://r.example/npm/@s%2fa/-/@s/a-1.0.0.tgz"})")
            .source == From::registry);
  CHECK(only(R"("node_modules/@s/a": {"version": "1.0.0",
             "resolved": "https://r.example/download/@s/a/1.0.0/0123456789abcdef"})")
            .source == From::registry);
}

TEST_CASE(
    "package-lock: the mark of a bundled package keeps nothing from being fetched by itself") {
  const auto lockfile = parsed("package-lock.json", packages(R"(
    "": {"bundleDependencies": ["a"]},
    "node_modules/a": {"version": "1.0.0", "inBundle": true},
    "node_modules/b": {"version": "1.0.0", "inBundle": true,
      "resolved": "https://r.example/b/-/b-1.0.0.tgz"},
    "node_modules/c": {"version": "1.0.0"},
    "node_modules/c/node_modules/d": {"version": "1.0.0", "inBundle": true},
    "node_modules/e": {"version": "1.0.0", "bundleDependencies": ["f"]},
    "node_modules/e/node_modules/f": {"version": "1.0.0", "inBundle": true},
    "node_modules/e/node_modules/f/node_modules/g": {"version": "1.0.0", "inBundle": true})"));
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    CAPTURE(name);
    CHECK(entry(lockfile, name).source == From::registry);
  }
  CHECK(entry(lockfile, "f").source == From::bundled);
  CHECK(entry(lockfile, "g").source == From::bundled);
  const auto old = parsed("package-lock.json", R"({"lockfileVersion": 1, "dependencies": {
    "a": {"version": "1.0.0", "bundled": true,
          "dependencies": {"b": {"version": "1.0.0", "bundled": true}}}}})");
  CHECK(entry(old, "a").source == From::registry);
  CHECK(entry(old, "b").source == From::bundled);
}

TEST_CASE("package-lock: a place that npm would read in another way is a problem") {
  const auto lockfile = parsed("package-lock.json", packages(R"(
    "node_modules/a": {"version": "1.0.0", "resolved": "https:evil.example/a.tgz"},
    "node_modules/b": {"version": "1.0.0", "resolved": "//evil.example/b.tgz"},
    "node_modules/c": {"version": "https://evil.example/c.tgz"})"));
  CHECK(problems(lockfile) ==
        "3: 'a' lies outside of the tree, at 'https:evil.example/a.tgz', and is not read\n"
        "4: 'b' lies outside of the tree, at '//evil.example/b.tgz', and is not read\n"
        "5: 'https://evil.example/c.tgz' cannot be a version of 'c', so the entry is left out");
}

TEST_CASE("package-lock: a repository without a commit is a problem") {
  const auto lockfile = parsed("package-lock.json", packages(R"("node_modules/a":
    {"version": "1.0.0", "resolved": "git+https://git.example/o/r.git#semver:^1.0.0"})"));
  CHECK(lockfile.dependencies.at(0).source == From::git);
  CHECK(lockfile.dependencies.at(0).location == "https://git.example/o/r.git");
  CHECK(lockfile.dependencies.at(0).commit == "");
  CHECK(problems(lockfile) ==
        "2: 'a' comes from 'https://git.example/o/r.git' without a commit, so it can change at any "
        "time");
}

TEST_CASE("package-lock: a name, version or URL that can be none is a problem, and no entry") {
  const auto lockfile = parsed("package-lock.json", packages(R"(
    "node_modules/../../etc/passwd": {"version": "1.0.0"},
    "node_modules/a\u0007": {"version": "1.0.0"},
    "node_modules/b": {"version": "1.0.0", "name": "../b"},
    "node_modules/c": {"version": "../../1.0.0"},
    "node_modules/d": {"version": "1.0.0", "resolved": "https://r.example/\r\nHost: x"},
    "node_modules/e": "1.0.0",
    "node_modules/": {"version": "1.0.0"},
    "node_modules/good": {"version": "1.0.0"})"));
  CHECK(names(lockfile) == "good@1.0.0");
  CHECK(problems(lockfile) ==
        "3: '../../etc/passwd' cannot be the name of a package, so the entry is left out\n"
        "4: 'a\\x07' cannot be the name of a package, so the entry is left out\n"
        "5: '../b' cannot be the name of a package, so the entry is left out\n"
        "6: '../../1.0.0' cannot be a version of 'c', so the entry is left out\n"
        "7: 'https://r.example/\\x0d\\x0aHost: x' cannot be a URL, so the entry is left out\n"
        "8: 'node_modules/e' is not an object, so the entry is left out\n"
        "9: '' cannot be the name of a package, so the entry is left out");
}

TEST_CASE("package-lock: a copy of version 2 that says something else is a problem") {
  const auto with_copy = [](const std::string& copy) {
    return problems(parsed("package-lock.json", R"({"lockfileVersion": 2, "packages": {
      "node_modules/a": {"version": "1.0.0", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
      "node_modules/a/node_modules/b": {"version": "2.0.0"}
      }, "dependencies": {
      )" + copy + "}}"));
  };
  CHECK(with_copy(R"("a": {"version": "1.0.0", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
        "dependencies": {"b": {"version": "2.0.0"}}})") == "");
  CHECK(
      with_copy(R"("a": {"version": "1.0.1", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="})") ==
      "5: 'a' is another one in 'dependencies', which npm 6 obeys, than in 'packages' on line 2");
  CHECK(with_copy(R"("a": {"version": "1.0.0"})").starts_with("5: 'a' is another one"));
  CHECK(with_copy(R"("a": {"version": "1.0.0", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
        "dependencies": {"b": {"version": "2.0.1"}}})")
            .starts_with("6: 'b' is another one"));
  CHECK(with_copy(R"("c": {"version": "1.0.0"})") ==
        "5: 'c' stands in 'dependencies', which npm 6 obeys, but not in 'packages'");
}

TEST_CASE("package-lock: what is no lockfile of npm is an error that says why") {
  CHECK(error_of("package-lock.json", "") == "package-lock.json:1: not JSON");
  CHECK(error_of("package-lock.json", "[]") == "package-lock.json:1: not a lockfile of npm");
  CHECK(error_of("package-lock.json", "{\n\"lockfileVersion\": 4}") ==
        "package-lock.json:2: lockfileVersion '4' is not known; 1, 2 and 3 are");
  CHECK(error_of("package-lock.json", "{\n\"packages\": null}") ==
        "package-lock.json:2: 'packages' is not an object");
  CHECK(error_of("package-lock.json", "{\"lockfileVersion\": 3}") ==
        "package-lock.json:1: has no 'packages', which version 3 must have");
  CHECK(names(parsed("package-lock.json", "{}")) == "");
}

TEST_CASE("package-lock: a version, a tag or a forge's name in place of a URL is a problem") {
  for (const char* resolved : {"6.6.6", "latest", "attacker/evil"}) {
    const auto lockfile =
        parsed("package-lock.json", std::string("{\"lockfileVersion\": 3, \"packages\": {\n"
                                                "\"node_modules/a\": {\"version\": \"1.0.0\", "
                                                "\"resolved\": \"") +
                                        resolved + "\"}}}");
    CHECK(problems(lockfile).find("neither a URL nor a file: path") != std::string::npos);
  }
}
