#include "review/changes.h"

#include <doctest/doctest.h>

#include "review/apart.h"
#include "support/task_here.h"

using namespace minescan;
using namespace minescan::review;

namespace {

std::vector<std::string> texts(const std::vector<Line>& lines) {
  std::vector<std::string> all;
  for (const Line& line : lines) {
    all.push_back(line.path + ":" + std::to_string(line.line) + ": " + line.text);
  }
  return all;
}

using Lines = std::vector<std::string>;

std::vector<Line> compared(const SeenFiles& before, const SeenFiles& after) {
  test::TaskHere runner(facts_task);
  const Changed changed = compare_files(before, after, runner);
  CHECK(changed.unread.empty());
  return changed.lines;
}

SeenFile file(std::string type, std::string text, bool program = false) {
  SeenFile seen;
  seen.type = std::move(type);
  seen.digest = sha256(as_bytes(text));
  seen.text = std::move(text);
  seen.program = program;
  return seen;
}

Dependency package(const std::string& version, const std::string& digest,
                   const std::string& url = "https://a.example/x.tgz") {
  Dependency dependency;
  dependency.name = "x";
  dependency.version = version;
  PackageFile one;
  one.url = url;
  if (!digest.empty()) one.integrity.push_back({"sha512", digest});
  dependency.files.push_back(one);
  dependency.file = "package-lock.json";
  dependency.line = 7;
  return dependency;
}

}  // namespace

TEST_CASE("the same files say nothing") {
  const SeenFiles files = {{"Makefile", file("text", "all:\n")}};
  CHECK(compared(files, files).empty());
  CHECK(compared(files, {}).empty());
}

TEST_CASE("a new hook, a changed base image, a new program") {
  const SeenFiles before = {{"Dockerfile", file("Dockerfile", "FROM a:1\n")},
                            {"package.json", file("JSON", "{}")}};
  const SeenFiles after = {
      {"Dockerfile", file("Dockerfile", "FROM b:1\n")},
      {"bin/x", file("ELF",
                     "\x7f"
                     "ELF",
                     true)},
      {"package.json", file("JSON", "{\"scripts\": {\"install\": \"node a\"}}")}};
  CHECK(texts(compared(before, after)) ==
        Lines{"Dockerfile:0: container build changed",
              "Dockerfile:1: base image changed: b:1 (was: a:1)", "bin/x:0: program added: ELF",
              "package.json:1: install hook install added: node a"});
}

TEST_CASE("a text that became a program is a new program") {
  const SeenFiles before = {{"x", file("script", "#!/bin/sh\n")}};
  const SeenFiles after = {{"x", file("ELF",
                                      "\x7f"
                                      "ELF",
                                      true)}};
  CHECK(texts(compared(before, after)) == Lines{"x:0: program added: ELF"});
}

TEST_CASE("what stood there before under another order is no change") {
  const SeenFiles before = {{"Dockerfile", file("Dockerfile", "FROM a:1\nFROM b:1\n")}};
  const SeenFiles after = {{"Dockerfile", file("Dockerfile", "FROM b:1\nFROM a:1\n")}};
  CHECK(texts(compared(before, after)) == Lines{"Dockerfile:0: container build changed"});
}

TEST_CASE("packages: traits of what is added, words for what happened to digests") {
  using Kind = lockfiles::Change::Kind;
  Dependency hooked = package("1.0.0", "");
  hooked.install_script = true;
  const Dependency one = package("1.0.0", std::string(128, '1'));
  const Dependency two = package("1.0.0", std::string(128, '2'));
  Dependency weaker = package("1.0.0", "");
  weaker.files[0].integrity.push_back({"sha1", std::string(40, '3')});
  const auto line = [](Kind kind, const Dependency& before, const Dependency& after) {
    const auto lines = compare_packages({{kind, before, after}});
    return lines.empty() ? std::string() : lines[0].text;
  };
  CHECK(line(Kind::added, {}, hooked) ==
        "dependency added: pkg:npm/x@1.0.0 (install script, no integrity, from host a.example)");
  CHECK(line(Kind::integrity, one, two).starts_with("integrity changed: pkg:npm/x@1.0.0 from "));
  CHECK(line(Kind::integrity, weaker, two).starts_with("integrity algorithm changed: "));
  CHECK(line(Kind::integrity, one, hooked).starts_with("integrity removed: "));
  CHECK(line(Kind::removed, one, {}).empty());
  CHECK(line(Kind::source, one, package("1.0.0", "", "https://u:p@b.example/x.tgz")) ==
        "source changed: pkg:npm/x@1.0.0 from host a.example to host b.example");
}
