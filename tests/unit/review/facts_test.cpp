#include "review/facts.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace minescan::review;

namespace {

// "key = value @line", one for each fact.
std::vector<std::string> said(std::string_view path, std::string_view text) {
  std::vector<std::string> lines;
  for (const Fact& fact : facts_of(path, text)) {
    lines.push_back(fact.key + " = " + fact.value + " @" + std::to_string(fact.line));
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("package.json: hooks and allow-lists, with their lines") {
  const auto facts = said("a/package.json",
                          "{\n  \"name\": \"x\",\n  \"scripts\": {\n    \"test\": \"jest\",\n"
                          "    \"postinstall\": \"node install.js\"\n  },\n"
                          "  \"pnpm\": {\"onlyBuiltDependencies\": [\"esbuild\"]},\n"
                          "  \"overrides\": {\"left-pad\": \"npm:other@1.0.0\"}\n}\n");
  CHECK(facts == Lines{"install hook postinstall = node install.js @5",
                       "allow-list onlyBuiltDependencies = esbuild @7",
                       "override left-pad = npm:other@1.0.0 @8"});
}

TEST_CASE("package.json: what it asks for") {
  CHECK(
      said("package.json",
           "{\"dependencies\": {\"x\": \"^1\"},\n\"devDependencies\": {\"y\": 3, \"z\": \"*\"}}") ==
      Lines{"requirement x = ^1 @1", "requirement z = * @2"});
}

TEST_CASE("package.json: replacements however deep, peers, and what fetches the packages") {
  const auto facts =
      said("package.json",
           "\xef\xbb\xbf{\"overrides\": {\"a\": {\".\": \"2\", \"b\": \"npm:c@1\"}},\n"
           "\"pnpm\": {\"packageExtensions\": {\"d\": {\"dependencies\": {\"e\": \"3\"}}}},\n"
           "\"peerDependencies\": {\"f\": \"4\"},\n\"packageManager\": \"yarn@5\"}");
  CHECK(facts == Lines{"override d>dependencies>e = 3 @2",
                       "build setting package-manager = yarn@5 @4", "peer requirement f = 4 @3",
                       "override a>. = 2 @1", "override a>b = npm:c@1 @1"});
}

TEST_CASE("package.json that is none says nothing") {
  const auto broken = said("package.json", "{\"scripts\": ");
  REQUIRE(broken.size() == 2);
  CHECK(broken[0].starts_with("install hook unread = "));
  CHECK(broken[1].starts_with("requirement * = unread: "));
  CHECK(said("package.json", "[1, 2]").empty());
  CHECK(said("package.json", "{\"scripts\": 3, \"pnpm\": null}").empty());
  CHECK(said("other.json", "{\"scripts\": {\"postinstall\": \"x\"}}").empty());
}

TEST_CASE("package.json: the name of an override cannot add a line of its own") {
  const auto facts = facts_of("package.json",
                              R"({"overrides":{"x\r\ninstall hook postinstall added: y":"1\r2"}})");
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].key == "override x  install hook postinstall added: y");
  CHECK(facts[0].value == "1 2");
}

TEST_CASE("package.json: many overrides take no time with the square of their number") {
  std::string text = "{\"overrides\":{";
  for (int i = 0; i < 200'000; ++i) text += "\n\"k" + std::to_string(i) + "\":\"1\",";
  text.back() = '}';
  const auto facts = facts_of("package.json", text + "}");
  REQUIRE(facts.size() == kMostFacts);
  CHECK(facts[9'999].line == 10'001);
}

TEST_CASE("npmrc: registries of scopes, comments left out") {
  CHECK(said(".npmrc",
             "# registry=https://a.example/\nregistry = https://b.example/\n"
             "@team:registry=https://c.example/\nignore-scripts=false\n"
             "//c.example/:_authToken=x\n") ==
        Lines{"registry setting registry = https://b.example/ @2",
              "registry setting @team:registry = https://c.example/ @3",
              "registry setting ignore-scripts = false @4"});
}

TEST_CASE("requirements: additional indexes in either spelling") {
  CHECK(said("requirements/dev.txt", "x==1\n").empty());
  CHECK(said("requirements-dev.txt",
             "x==1\n--extra-index-url https://a.example/simple\n--index-url=https://b.example\n") ==
        Lines{"registry setting --extra-index-url = https://a.example/simple @2",
              "registry setting --index-url = https://b.example @3"});
}

TEST_CASE("Dockerfile: base images of all stages, options left out") {
  CHECK(said("build/Dockerfile.prod",
             "FROM --platform=linux/amd64 a.example/x:1 AS build\nRUN make\nfrom\tscratch\n"
             "COPY --from=build /a /a\nCOPY --from=b.example/y /b /b\n") ==
        Lines{"base image = a.example/x:1 @1", "base image = scratch @3",
              "base image = b.example/y @5"});
}

TEST_CASE("workflows: actions, images, and the trigger that strangers can pull") {
  CHECK(said(".github/workflows/ci.yml",
             "on:\n  pull_request_target:\njobs:\n  a:\n    container:\n      image: a:1\n"
             "    steps:\n      - uses: o/r@v1 # pinned\n") ==
        Lines{"pipeline trigger = pull_request_target @2", "base image = a:1 @6",
              "action = o/r@v1 @8"});
}

TEST_CASE("a carriage return alone ends a line") {
  CHECK(said(".npmrc", "a=1\rregistry=https://b.example/\r\nca=x\n") ==
        Lines{"registry setting registry = https://b.example/ @2", "registry setting ca = x @3"});
}

TEST_CASE("workflows: the trigger that strangers can pull, however it is written") {
  for (const char* text : {"on: [push, pull_request_target]\n", "on:\n  - pull_request_target\n",
                           "\"on\":\n  \"pull_request_target\": {}\n"}) {
    CHECK(said(".github/workflows/x.yml", text).size() == 1);
  }
  CHECK(said(".github/workflows/x.yml", "# pull_request_target\n").empty());
}

TEST_CASE("path files: only lines that Python runs") {
  CHECK(said("x.pth", "./lib\nimport os; os.system('x')\n") ==
        Lines{"start-up line = import os; os.system('x') @2"});
}

TEST_CASE("continued lines are one, with the number of the first") {
  CHECK(said("Dockerfile", "RUN a \\\n b\nFROM \\\n  x:1\n") == Lines{"base image = x:1 @3"});
}

TEST_CASE("Cargo.toml and .cargo/config.toml: what runs at build time") {
  CHECK(said("Cargo.toml",
             "[package]\nname = \"x\"\nbuild = \"b.rs\"\n[lib]\nproc-macro = true\n"
             "[patch.crates-io]\nserde = { path = \"x\" }\n") ==
        Lines{"install hook build = b.rs @3", "install hook proc-macro = true @5",
              "override section = [patch.crates-io] @6", "override serde = { path = \"x\" } @7"});
  CHECK(said(".cargo/config.toml", "[build]\nrustc-wrapper = \"./w\"\n") ==
        Lines{"build setting rustc-wrapper = ./w @2"});
}

TEST_CASE("a value is one line and bounded") {
  const auto facts = facts_of("Dockerfile", "FROM " + std::string(5000, 'x') + "\n");
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].value.size() == 400);
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "FROM x\n";
  CHECK(facts_of("Dockerfile", many).size() == kMostFacts);
}

TEST_CASE("roles: what runs is known by its path") {
  CHECK(role_of(".github/workflows/ci.yml") == "CI workflow");
  CHECK(role_of("sub/Makefile") == "build script");
  CHECK(role_of("native/build.rs") == "install hook");
  CHECK(role_of(".husky/pre-commit") == "git hook");
  CHECK(role_of(".minescan.yaml") == "policy");
  for (const char* path : {".yarnrc.yml", "sub/.npmrc", "bunfig.toml", ".cargo/config.toml",
                           ".mvn/jvm.config", "NuGet.config", ".NPMRC"}) {
    CAPTURE(path);
    CHECK(role_of(path) == "package manager setting");
  }
  for (const char* path : {"Cargo.toml", "pyproject.toml", "setup.cfg", "Gemfile", "composer.json",
                           "go.mod", ".gitattributes", "cmake/x.cmake", "settings.gradle.kts"}) {
    CAPTURE(path);
    CHECK(role_of(path) == "build script");
  }
  CHECK(role_of("Dockerfile-dev") == "container build");
  CHECK(role_of("compose.yaml") == "container build");
  CHECK(role_of(".vscode/launch.json") == "editor task");
  CHECK(role_of("src/main.c") == "");
  CHECK(role_of("docs/workflows/ci.yml") == "");
}
