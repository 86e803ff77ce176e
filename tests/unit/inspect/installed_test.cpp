#include "inspect/installed.h"

#include <doctest/doctest.h>

using namespace minescan;
using namespace minescan::inspect;

namespace {

// "purl in folder", "" when nothing is described.
std::string said(std::string_view path, std::string_view text) {
  if (!describes_package(path)) return "";
  const auto described = described_package(path, as_bytes(text));
  return described ? described->package + " in " + described->folder : "";
}

constexpr std::string_view kNpm = R"({"name": "@team/x", "version": "1.2.3"})";

}  // namespace

TEST_CASE("installed: npm packages below node_modules, whose name is the folder's") {
  CHECK(said("app/node_modules/@team/x/package.json", kNpm) ==
        "pkg:npm/%40team/x@1.2.3 in app/node_modules/@team/x");
  CHECK(said("app/node_modules/y/node_modules/@team/x/package.json", kNpm) ==
        "pkg:npm/%40team/x@1.2.3 in app/node_modules/y/node_modules/@team/x");
  CHECK(said("app/node_modules/lodash/package.json", kNpm) == "");
  CHECK(said("app/node_modules/@team/x/test/package.json", kNpm) == "");
  CHECK(said("app/package.json", kNpm) == "");
  CHECK(said("not_node_modules/x/package.json", R"({"name": "x", "version": "1"})") == "");
  CHECK(said("package/package.json", kNpm) == "pkg:npm/%40team/x@1.2.3 in package");
}

TEST_CASE("installed: what is no name or version is none") {
  CHECK(said("node_modules/x/package.json", R"({"name": "x"})") == "");
  CHECK(said("node_modules/x/package.json", R"({"name": "x", "version": "1\n2"})") == "");
  CHECK(said("node_modules/x/package.json", "{") == "");
}

TEST_CASE("installed: Python packages by their metadata") {
  const std::string_view text = "Metadata-Version: 2.1\nName: My_Lib\nVersion: 1.0\n\nName: no\n";
  CHECK(said("lib/site-packages/My_Lib-1.0.dist-info/METADATA", text) ==
        "pkg:pypi/my-lib@1.0 in lib/site-packages");
  CHECK(said("My_Lib-1.0.egg-info/PKG-INFO", text) == "pkg:pypi/my-lib@1.0 in ");
  CHECK(said("METADATA", text) == "");
}

TEST_CASE("installed: vendored crates") {
  const std::string_view text =
      "[package]\nedition = \"2021\"\nname = \"x\"\nversion = \"0.1.0\"\n"
      "[dependencies]\nname = \"no\"\n";
  CHECK(said("vendor/x/Cargo.toml", text) == "pkg:cargo/x@0.1.0 in vendor/x");
  CHECK(said("home/.cargo/registry/src/index/x-0.1.0/Cargo.toml", text) ==
        "pkg:cargo/x@0.1.0 in home/.cargo/registry/src/index/x-0.1.0");
  CHECK(said("x/Cargo.toml", text) == "");
}
