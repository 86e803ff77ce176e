#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("pipfile: default and develop, with digests and places") {
  const auto lockfile = parsed("Pipfile.lock", lockfile_text("Pipfile.lock"));
  CHECK(names(lockfile) == "demo-package@1.0 from-git@ from-url@ local@ loose@ for-tests@3.0");
  CHECK(problems(lockfile) ==
        "40: 'loose' is not pinned to a version, so what is installed can change at any time");
  const Dependency& demo = entry(lockfile, "demo-package");
  CHECK(demo.line == 17);
  CHECK(demo.registry == "https://index.example/simple");
  CHECK(demo.files.at(0).integrity.size() == 2);
  CHECK_FALSE(demo.development);
  CHECK(entry(lockfile, "from-git").location == "https://git.example/o/from-git.git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "from-url").source == From::url);
  CHECK(entry(lockfile, "from-url").files.at(0).url == "https://files.example/from_url-2.0.tar.gz");
  CHECK(entry(lockfile, "from-url").files.at(0).integrity.size() == 1);
  CHECK(entry(lockfile, "local").source == From::path);
  CHECK(entry(lockfile, "for-tests").development);
}

TEST_CASE("pipfile: an index without a URL and a version that is none are problems") {
  const auto lockfile = parsed("Pipfile.lock", R"({"_meta": {}, "default": {
    "a": {"version": "==1", "index": "gone"},
    "b": {"version": "one"}, "c": "==2"}})");
  CHECK(names(lockfile) == "a@1 b@ c@2");
  CHECK(lockfile.problems.at(0).what ==
        "'a' comes from the index 'gone', which '_meta' does not name");
  CHECK(lockfile.problems.at(1).what == "'one' of 'b' is no version");
}

TEST_CASE("pipfile: what is none of Pipenv's is an error") {
  CHECK(error_of("Pipfile.lock", "{}") ==
        "Pipfile.lock:1: has no '_meta', so it is none of Pipenv's");
  CHECK(error_of("Pipfile.lock", "{\"_meta\": {\n\"pipfile-spec\": 7}}") ==
        "Pipfile.lock:2: pipfile-spec '7' is not known; 6 is");
}
