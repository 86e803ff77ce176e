#include "inspect/installed.h"

#include <doctest/doctest.h>

using namespace minescan;
using namespace minescan::inspect;

namespace {

// "purl in folder, …", "" when nothing is described.
std::string said(std::string_view path, std::string_view text) {
  if (!describes_package(path)) return "";
  std::string lines;
  for (const Described& one : described_package(path, as_bytes(text))) {
    lines += (lines.empty() ? "" : ", ") + one.package + " in " + one.folder;
  }
  return lines;
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
  CHECK(said("node_modules/@x//package.json", R"({"name": "@x/", "version": "1"})") == "");
}

TEST_CASE("installed: Python packages by their list of files") {
  const std::string_view text =
      "My_Lib-1.0.dist-info/METADATA,sha256=x,10\nmy_lib/__init__.py,,\nmy_lib/a/b.py,,\n"
      "six.py,sha256=y,3\n../../bin/tool,,\n__pycache__/six.pyc,,\n";
  CHECK(said("lib/site-packages/My_Lib-1.0.dist-info/RECORD", text) ==
        "pkg:pypi/my-lib@1.0 in lib/site-packages/my_lib, "
        "pkg:pypi/my-lib@1.0 in lib/site-packages/six.py");
  CHECK(said("RECORD", text) == "");
  CHECK(said("x.dist-info/RECORD", text) == "");
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
