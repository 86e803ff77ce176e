// All formats of lockfiles: no crash, entries and problems within the file, sound names, and no
// change between a lockfile and itself.  A first byte below the number of formats picks one for the
// rest; any other input, such as the files of testdata/lockfiles, is given to all of them.

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "fuzz/expect.h"
#include "lockfiles/apart.h"
#include "lockfiles/entries.h"
#include "lockfiles/lockfiles.h"
#include "lockfiles/names.h"
#include "support/task_here.h"

namespace {

using namespace minescan;
using fuzz::expect;

constexpr std::array<std::string_view, 15> kPaths = {
    "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock",           "requirements.txt",
    "poetry.lock",       "uv.lock",   "pdm.lock",       "pylock.toml",        "Pipfile.lock",
    "a/Cargo.lock",      "go.sum",    "Gemfile.lock",   "packages.lock.json", "gradle.lockfile"};

void check(const std::string& path, std::string_view text) {
  const auto lines = static_cast<std::uint32_t>(1 + std::count(text.begin(), text.end(), '\n'));
  // Every second include is there, and is the same text again.
  std::set<std::string> included;
  const auto read = [&](const std::string& name) -> Result<std::string> {
    included.insert(name);
    if (name.size() % 2 != 0) return fail(Code::not_found, "no such file");
    return std::string(text);
  };
  const auto lockfile = lockfiles::parse(path, as_bytes(text), read);
  test::TaskHere runner(lockfiles::lockfile_task);
  const auto apart = lockfiles::parse_apart(runner, path, as_bytes(text), read);
  const bool same =
      lockfile && apart
          ? lockfile->dependencies == apart->dependencies && lockfile->problems == apart->problems
          : !lockfile && !apart && lockfile.error().what == apart.error().what;
  // Which ones are too many is for each to say: one goes into an included file at once, the other
  // asks for all that it knows of first.
  expect(same || included.size() >= lockfiles::kMostIncludes,
         "what one process says another one believes");
  if (!lockfile) {
    expect(lockfile.error().what.starts_with(path + ":"), "an error begins with the path");
    return;
  }
  for (const Dependency& entry : lockfile->dependencies) {
    expect(entry.line >= 1 && entry.line <= lines, "an entry lies in its file");
    expect(!entry.file.empty(), "an entry has a file");
    expect(lockfiles::is_package_name(entry.ecosystem, entry.name), "a name is one");
    expect(entry.version.empty() || lockfiles::is_version(entry.version), "a version is one");
  }
  for (const auto& problem : lockfile->problems) {
    expect(problem.line >= 1 && problem.line <= lines, "a problem lies in its file");
    expect(problem.what.find('\n') == std::string::npos, "a problem is one line");
  }
  expect(lockfiles::compare(lockfile->dependencies, lockfile->dependencies).empty(),
         "a lockfile is the same as itself");
  expect(lockfiles::compare(lockfile->dependencies, {}).size() <= lockfile->dependencies.size(),
         "no more is removed than was there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (size > 0 && data[0] < kPaths.size()) {
    check(std::string(kPaths[data[0]]), text.substr(1));
    return 0;
  }
  for (const auto path : kPaths) check(std::string(path), text);
  return 0;
}
