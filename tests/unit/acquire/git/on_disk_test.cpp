#include "acquire/git/on_disk.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "acquire/git/ignored.h"
#include "base/digest.h"
#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;
using Kind = TreeFile::Kind;

namespace {

TreeFile blob(const std::string& text) {
  Hasher hasher("sha1");
  const std::string whole = "blob " + std::to_string(text.size()) + std::string(1, '\0') + text;
  hasher.update(as_bytes(whole));
  return {Kind::file, hasher.finish().substr(5)};
}

// The paths that differ, with a '+' for what is added and a '-' for what is removed.
Result<std::string> differing(const std::string& root, const TrackedFiles& tracked,
                              const std::string& ignored = "", const std::string& pointer = "") {
  IgnoreRules rules;
  rules.add("", ignored);
  const OnDisk side{.root = root,
                    .ignored = rules,
                    .size = [&](const std::string& /*id*/) { return pointer.size(); },
                    .small_blob = [&](const std::string& /*id*/) { return pointer; },
                    .submodule = [](const std::string& /*path*/,
                                    const std::string& /*commit*/) { return OnDisk::Submodule{}; },
                    .beat = [] {}};
  MINESCAN_TRY_ASSIGN(const auto changes, compare_on_disk(side, tracked));
  std::string said;
  for (const FileChange& change : changes) {
    if (change.before.kind == Kind::none) said += '+';
    if (change.after.kind == Kind::none) said += '-';
    said += change.path + " ";
  }
  return said;
}

Tracked in_base(const std::string& text) { return {.base = blob(text), .index = blob(text)}; }

}  // namespace

TEST_CASE("git on disk: a working tree that cannot be listed is an error, and no empty one") {
  const test::TempDir folder;
  CHECK(differing(folder.path(), {}).has_value());
  CHECK_FALSE(differing(folder.path() + "/missing", {}).has_value());
}

TEST_CASE("git on disk: bytes are compared, and lines may end as another system ends them") {
  const test::TempDir folder;
  folder.write("same", "1\n2\n");
  folder.write("ends", "1\r\n\r\r\n2\r");
  folder.write("other", "1\r2\n");
  folder.write("new", "");
  CHECK(*differing(folder.path(), {{"same", in_base("1\n2\n")},
                                   {"ends", in_base("1\n\r\n2\r")},
                                   {"other", in_base("12\n")},
                                   {"gone", in_base("")}}) == "-gone +new other ");
}

TEST_CASE("git on disk: a pointer of Git LFS stands for the bytes that it promises") {
  const test::TempDir folder;
  const std::string bytes(5000, 'x');
  folder.write("model", bytes);
  const std::string pointer = "version https://lfs.example/v1\noid " + sha256(as_bytes(bytes)) +
                              "\nsize " + std::to_string(bytes.size()) + "\n";
  const TrackedFiles tracked{{"model", in_base(pointer)}};
  CHECK(*differing(folder.path(), tracked, "", pointer) == "");
  folder.write("model", std::string(5000, 'y'));
  CHECK(*differing(folder.path(), tracked, "", pointer) == "model ");
}

TEST_CASE(
    "git on disk: what is tracked is looked at in an ignored folder, and what is not is not") {
  const test::TempDir folder;
  folder.write("build/known", "changed\n");
  folder.write("build/deep/new", "");
  folder.write("other/new", "");
  CHECK(*differing(folder.path(), {{"build/known", in_base("1\n")}}, "build/\n") ==
        "build/known +other/new ");
}

TEST_CASE("git on disk: a file that is not checked out is not removed, and counts where it is") {
  const test::TempDir folder;
  Tracked sparse = in_base("1\n");
  sparse.may_lack = true;
  CHECK(*differing(folder.path(), {{"a", sparse}}) == "");
  folder.write("a", "2\n");
  CHECK(*differing(folder.path(), {{"a", sparse}}) == "a ");
}

TEST_CASE("git ignored: patterns are about the folder that their list lies in") {
  IgnoreRules rules;
  rules.add("", "# comment\n*.log\r\n/top\ndocs/*.txt\n**/deep/x\nall/**\nonly/\n\\#odd\n");
  rules.add("sub", "!keep.log\n/here\n");
  for (const char* path : {"a.log", "x/y/a.log", "top", "docs/a.txt", "deep/x", "a/b/deep/x",
                           "all/a/b", "#odd", "sub/here", "sub/a.log"}) {
    CAPTURE(path);
    CHECK(rules.ignores(path, false));
  }
  for (const char* path : {"a.logs", "x/top", "docs/a/b.txt", "x/docs/a.txt", "all", "only",
                           "# comment", "sub/keep.log", "sub/x/keep.log", "here", "sub/x/here"}) {
    CAPTURE(path);
    CHECK_FALSE(rules.ignores(path, false));
  }
  CHECK(rules.ignores("x/only", true));
}
