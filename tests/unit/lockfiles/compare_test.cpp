#include <doctest/doctest.h>

#include <algorithm>

#include "lockfiles/lockfiles.h"

using namespace minescan;
using namespace minescan::lockfiles;
using From = Dependency::Source;

namespace {

const Integrity kA{"sha512", "aa"};
const Integrity kB{"sha512", "bb"};
const Integrity kC{"sha512", "cc"};
const Integrity kOld{"sha1", "dd"};

Dependency package(const std::string& name, const std::string& version, std::uint32_t line = 1,
                   std::vector<Integrity> integrity = {kA}) {
  Dependency one{.name = name, .version = version, .line = line};
  one.files.push_back(
      {.url = "https://registry.example/" + name, .integrity = std::move(integrity)});
  return one;
}

Dependency wheels(std::vector<PackageFile> files) {
  Dependency one{.ecosystem = Ecosystem::pypi, .name = "demo", .version = "1.0"};
  one.files = std::move(files);
  return one;
}

Dependency repository(const std::string& location, const std::string& commit) {
  Dependency one{.name = "a", .source = From::git};
  one.location = location;
  one.commit = commit;
  return one;
}

// "kind name before>after" of each change, with a blank between two.
std::string changes(const std::vector<Dependency>& before, const std::vector<Dependency>& after) {
  std::string all;
  for (const Change& change : compare(before, after)) {
    if (!all.empty()) all += ' ';
    const Dependency& one = change.kind == Change::Kind::removed ? change.before : change.after;
    all += std::string(change_name(change.kind)) + ":" + one.name + ":" + change.before.version +
           ">" + change.after.version;
  }
  return all;
}

}  // namespace

TEST_CASE("compare: what is the same on both sides is no change, wherever it stands") {
  const std::vector<Dependency> one = {package("a", "1", 1), package("b", "2", 5)};
  CHECK(changes(one, one) == "");
  CHECK(changes({}, {}) == "");
  CHECK(changes(one, {package("b", "2", 1), package("a", "1", 9)}) == "");
}

TEST_CASE("compare: added, removed and another version, by line") {
  CHECK(changes({package("a", "1", 1), package("c", "1", 9)},
                {package("b", "1", 7), package("a", "2", 3)}) ==
        "version:a:1>2 added:b:>1 removed:c:1>");
}

TEST_CASE("compare: a second version is added, and the first one stays") {
  CHECK(changes({package("a", "1")}, {package("a", "1"), package("a", "2", 4)}) == "added:a:>2");
  CHECK(changes({package("a", "1"), package("a", "2")}, {package("a", "2")}) == "removed:a:1>");
  CHECK(changes({package("a", "1"), package("a", "2", 4)},
                {package("a", "2"), package("a", "3", 4)}) == "version:a:1>3");
}

TEST_CASE("compare: equal packages that are named several times are one") {
  CHECK(changes({package("a", "1")}, {package("a", "1", 1), package("a", "1", 7)}) == "");
  const auto added = compare({}, {package("a", "1", 7), package("a", "1", 3)});
  REQUIRE(added.size() == 1);
  CHECK(added[0].after.line == 3);
}

TEST_CASE("compare: the same version with other digests, or with none any more") {
  CHECK(changes({package("a", "1", 1, {kA})}, {package("a", "1", 1, {kB})}) == "integrity:a:1>1");
  CHECK(changes({package("a", "1", 1, {kA})}, {package("a", "1", 1, {})}) == "integrity:a:1>1");
  CHECK(changes({package("a", "1", 1, {})}, {package("a", "1", 1, {kA})}) == "files:a:1>1");
}

TEST_CASE("compare: a strong digest that changes is not hidden by a weak one that stays") {
  CHECK(changes({package("a", "1", 1, {kA, kOld})}, {package("a", "1", 1, {kB, kOld})}) ==
        "integrity:a:1>1");
}

TEST_CASE("compare: another copy of a version with other digests is a change, not an addition") {
  CHECK(changes({package("a", "1", 1, {kA})},
                {package("a", "1", 1, {kA}), package("a", "1", 8, {kB})}) == "integrity:a:1>1");
}

TEST_CASE("compare: a release that gets a wheel has other files, and one that loses one has not") {
  const PackageFile one{.name = "demo-1.0-one.whl", .integrity = {kA}};
  const PackageFile two{.name = "demo-1.0-two.whl", .integrity = {kB}};
  PackageFile other = one;
  other.integrity = {kC};
  CHECK(changes({wheels({one})}, {wheels({one, two})}) == "files:demo:1.0>1.0");
  CHECK(changes({wheels({one, two})}, {wheels({two})}) == "");
  CHECK(changes({wheels({one})}, {wheels({two})}) == "integrity:demo:1.0>1.0");
  CHECK(changes({wheels({one, two})}, {wheels({other, two})}) == "integrity:demo:1.0>1.0");
}

TEST_CASE("compare: a list of digests without names may grow and shrink") {
  const PackageFile ab{.integrity = {kA, kB}};
  const PackageFile bc{.integrity = {kB, kC}};
  const PackageFile c{.integrity = {kC}};
  CHECK(changes({wheels({ab})}, {wheels({bc})}) == "files:demo:1.0>1.0");
  CHECK(changes({wheels({ab})}, {wheels({c})}) == "integrity:demo:1.0>1.0");
}

TEST_CASE("compare: another host, registry, place or kind of source") {
  const Dependency one = package("a", "1");
  Dependency moved = one;
  moved.files[0].url = "https://evil.example/a";
  CHECK(changes({one}, {moved}) == "source:a:1>1");
  Dependency beside = one;
  beside.files[0].url = "https://user@REGISTRY.example/other/a";
  CHECK(changes({one}, {beside}) == "files:a:1>1");
  Dependency indexed = one;
  indexed.registry = "https://index.example/";
  CHECK(changes({one}, {indexed}) == "source:a:1>1");
  Dependency archive = one;
  archive.source = From::url;
  archive.location = "https://registry.example/a";
  CHECK(changes({one}, {archive}) == "source:a:1>1");
  Dependency git = repository("https://git.example/a", "abc");
  git.version = "1";
  CHECK(changes({one}, {git}) == "source:a:1>1");
}

TEST_CASE("compare: another host with other digests is both") {
  Dependency moved = package("a", "1", 1, {kB});
  moved.files[0].url = "https://evil.example/a";
  CHECK(changes({package("a", "1")}, {moved}) == "integrity:a:1>1 source:a:1>1");
}

TEST_CASE("compare: of git another commit is another version, another repository another source") {
  const auto one = repository("https://git.example/a", "abc");
  CHECK(changes({one}, {repository("https://git.example/a", "def")}) == "version:a:>");
  CHECK(changes({one}, {repository("https://evil.example/a", "abc")}) == "source:a:>");
}

TEST_CASE("compare: an alias that is pointed at another package adds that one") {
  Dependency alias = package("b", "1");
  alias.alias = "a";
  CHECK(changes({package("a", "1")}, {alias}) == "added:b:>1 removed:a:1>");
}

TEST_CASE("compare: of many releases of one name each is compared with itself") {
  std::vector<Dependency> before;
  std::vector<Dependency> after;
  for (int i = 0; i < 1000; ++i) {
    before.push_back(package("a", std::to_string(i)));
    after.push_back(package("a", std::to_string(i + 500), 1, {kB}));
  }
  const auto all = compare(before, after);
  CHECK(all.size() == 1000);
  CHECK(std::count_if(all.begin(), all.end(), [](const Change& change) {
          return change.kind == Change::Kind::integrity &&
                 change.before.version == change.after.version;
        }) == 500);
}
