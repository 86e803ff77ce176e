#pragma once
// Lockfiles in tests: parsed from a text, looked into by name.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "lockfiles/apart.h"
#include "lockfiles/lockfiles.h"
#include "support/task_here.h"

namespace minescan::test {

// A tree's other files by path; for those not listed reading fails.
inline lockfiles::Read reading(std::map<std::string, std::string> files) {
  return [files = std::move(files)](const std::string& path) -> Result<std::string> {
    const auto at = files.find(path);
    if (at == files.end()) return fail(Code::not_found, path + ": no such file");
    return at->second;
  };
}

inline Result<lockfiles::Lockfile> parse_text(const std::string& path, const std::string& text,
                                              std::map<std::string, std::string> files = {}) {
  const auto read = reading(std::move(files));
  auto here = lockfiles::parse(path, as_bytes(text), read);
  // Whatever one process says, another one must believe.
  TaskHere runner(lockfiles::lockfile_task);
  const auto apart = lockfiles::parse_apart(runner, path, as_bytes(text), read);
  REQUIRE(here.has_value() == apart.has_value());
  if (here) {
    CHECK(here->ecosystem == apart->ecosystem);
    CHECK(here->dependencies == apart->dependencies);
    CHECK(here->problems == apart->problems);
    CHECK(here->wishes == apart->wishes);
  } else {
    CHECK(here.error().what == apart.error().what);
    CHECK(here.error().code == apart.error().code);
  }
  return here;
}

inline lockfiles::Lockfile parsed(const std::string& path, const std::string& text,
                                  std::map<std::string, std::string> files = {}) {
  auto lockfile = parse_text(path, text, std::move(files));
  const std::string error = lockfile ? "" : lockfile.error().what;
  INFO(error);
  REQUIRE(lockfile.has_value());
  return std::move(*lockfile);
}

inline std::string error_of(const std::string& path, const std::string& text) {
  const auto lockfile = parse_text(path, text);
  return lockfile ? "" : lockfile.error().what;
}

// The text of testdata/lockfiles/<name>.
inline std::string lockfile_text(const std::string& name) {
  std::ifstream file(std::string(MINESCAN_SOURCE_DIR) + "/testdata/lockfiles/" + name);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

// The first entry that is installed under this name, with this version unless that is "".
inline const Dependency& entry(const lockfiles::Lockfile& lockfile, const std::string& name,
                               const std::string& version = "") {
  for (const Dependency& one : lockfile.dependencies) {
    const std::string& installed = one.alias.empty() ? one.name : one.alias;
    if (installed == name && (version.empty() || one.version == version)) return one;
  }
  FAIL("no entry " << name << " " << version);
  return lockfile.dependencies.front();
}

// "name@version" of all entries, with a blank between two.
inline std::string names(const lockfiles::Lockfile& lockfile) {
  std::string all;
  for (const Dependency& one : lockfile.dependencies) {
    all += (all.empty() ? "" : " ") + one.name + "@" + one.version;
  }
  return all;
}

// "line: what" of all problems, a line each.
inline std::string problems(const lockfiles::Lockfile& lockfile) {
  std::string all;
  for (const auto& problem : lockfile.problems) {
    all += (all.empty() ? "" : "\n") + std::to_string(problem.line) + ": " + problem.what;
  }
  return all;
}

}  // namespace minescan::test
