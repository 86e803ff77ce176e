#include "model/dependency.h"

#include <doctest/doctest.h>

#include <tuple>

using namespace minescan;

namespace {

// "ecosystem name version", or "none".
std::string parsed(const char* text) {
  const auto name = parse_package_name(text);
  if (!name) return "none";
  return std::string(ecosystem_name(name->ecosystem)) + " " + name->name + " " + name->version;
}

}  // namespace

TEST_CASE("dependency: each ecosystem has one name, that of its package URLs") {
  for (const auto ecosystem : {Ecosystem::npm, Ecosystem::pypi, Ecosystem::cargo, Ecosystem::golang,
                               Ecosystem::gem, Ecosystem::nuget, Ecosystem::maven}) {
    CHECK(ecosystem_by_name(ecosystem_name(ecosystem)) == ecosystem);
  }
  CHECK(ecosystem_name(Ecosystem::golang) == "golang");
  CHECK_FALSE(ecosystem_by_name("").has_value());
  CHECK_FALSE(ecosystem_by_name("NPM").has_value());
}

TEST_CASE("dependency: a package URL encodes each part by itself") {
  CHECK(purl(Ecosystem::npm, "@scope/name", "1.2.3") == "pkg:npm/%40scope/name@1.2.3");
  CHECK(purl(Ecosystem::pypi, "demo-package", "1.0+local") == "pkg:pypi/demo-package@1.0%2Blocal");
  CHECK(purl(Ecosystem::pypi, "demo", "1!2.0") == "pkg:pypi/demo@1%212.0");
  CHECK(purl(Ecosystem::golang, "host.example/a/b", "v1.0.0") ==
        "pkg:golang/host.example/a/b@v1.0.0");
  CHECK(purl(Ecosystem::maven, "org.example:demo", "1.0") == "pkg:maven/org.example/demo@1.0");
  CHECK(purl(Ecosystem::cargo, "demo", "") == "pkg:cargo/demo");
  CHECK(purl(Ecosystem::gem, "a b?c#d", "") == "pkg:gem/a%20b%3Fc%23d");
}

TEST_CASE("dependency: the package URL of an entry is that of its real name") {
  CHECK(purl({.name = "plain", .version = "1.0.0", .alias = "other"}) == "pkg:npm/plain@1.0.0");
}

TEST_CASE("dependency: a package is named by its URL or by ecosystem, name and version") {
  CHECK(parsed("npm:@scope/name@1.2.3") == "npm @scope/name 1.2.3");
  CHECK(parsed("npm:@scope/name") == "npm @scope/name ");
  CHECK(parsed("npm:name@latest") == "npm name latest");
  CHECK(parsed("pypi:Demo_Package==1.0") == "pypi demo-package 1.0");
  CHECK(parsed("pypi:Demo_Package@1.0") == "pypi demo-package 1.0");
  CHECK(parsed("pypi:Demo_Package@==1.0") == "pypi demo-package 1.0");
  CHECK(parsed("crate:demo@1.0.0") == "cargo demo 1.0.0");
  CHECK(parsed("cargo:demo@1.0.0") == "cargo demo 1.0.0");
  CHECK(parsed("NPM:name@1") == "npm name 1");
  CHECK(parsed("pkg:npm/%40scope/name@1.2.3?arch=x#y") == "npm @scope/name 1.2.3");
  CHECK(parsed("pkg:npm/@scope/name@1.2.3") == "npm @scope/name 1.2.3");
  CHECK(parsed("pkg://pypi/Demo.Package@1.0%2Blocal") == "pypi demo-package 1.0+local");
  CHECK(parsed("pkg:maven/org.example/demo@1.0") == "maven org.example:demo 1.0");
}

TEST_CASE("dependency: what is no package is none") {
  for (const char* text : {"", ":", "npm", "npm:", "pkg:", "pkg:npm", "pkg:npm/", "pkg:odd/a",
                           "odd:a", "./folder", "C:\\folder", "registry.example/image:1"}) {
    CAPTURE(text);
    CHECK(parsed(text) == "none");
  }
}

TEST_CASE("dependency: what purl() writes is read back") {
  for (const auto& [ecosystem, name, version] :
       {std::tuple{Ecosystem::npm, "@scope/name", "1.0.0-rc.1+build"},
        std::tuple{Ecosystem::golang, "host.example/A/b", "v1.0.0"},
        std::tuple{Ecosystem::maven, "org.example:demo", "1.0"},
        std::tuple{Ecosystem::gem, "a%40b", "1@2"}}) {
    const auto read = parse_package_name(purl(ecosystem, name, version));
    REQUIRE(read.has_value());
    CHECK(read->ecosystem == ecosystem);
    CHECK(read->name == name);
    CHECK(read->version == version);
  }
}

TEST_CASE("dependency: only PyPI's names have several spellings") {
  CHECK(normalised_name(Ecosystem::pypi, "Demo.-_Package") == "demo-package");
  CHECK(normalised_name(Ecosystem::pypi, "a--b") == "a-b");
  CHECK(normalised_name(Ecosystem::cargo, "Demo_package") == "Demo_package");
  CHECK(normalised_name(Ecosystem::nuget, "Demo.Package") == "Demo.Package");
}
