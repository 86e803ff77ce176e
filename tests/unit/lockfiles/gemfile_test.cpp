#include <doctest/doctest.h>

#include "support/lockfile.h"

using namespace minescan;
using namespace minescan::test;
using From = Dependency::Source;

TEST_CASE("gemfile: sections with specs, and their checksums") {
  const auto lockfile = parsed("Gemfile.lock", lockfile_text("Gemfile.lock"));
  CHECK(lockfile.ecosystem == Ecosystem::gem);
  CHECK(problems(lockfile) == "");
  CHECK(names(lockfile) == "from-git@1.0.0 local@2.0.0 native@3.0.0-x86_64-linux plain@1.2.3.pre1");
  CHECK(entry(lockfile, "from-git").source == From::git);
  CHECK(entry(lockfile, "from-git").location == "https://git.example/o/from-git.git");
  CHECK(entry(lockfile, "from-git").commit == std::string(40, '1'));
  CHECK(entry(lockfile, "from-git").line == 6);
  CHECK(entry(lockfile, "local").source == From::path);
  CHECK(entry(lockfile, "local").location == "gems/local");
  const Dependency& native = entry(lockfile, "native");
  CHECK(native.registry == "https://gems.example/");
  CHECK(native.files.at(0).name == "native-3.0.0-x86_64-linux.gem");
  CHECK(native.files.at(0).integrity.at(0) == Integrity{"sha256", std::string(64, 'a')});
}

TEST_CASE("gemfile: a second remote, a gem without a version and a broken digest are problems") {
  const auto lockfile = parsed("Gemfile.lock",
                               "GEM\n  remote: https://a.example/\n  remote: https://b.example/\n"
                               "  specs:\n    a\n    b (1)\n\nCHECKSUMS\n  b (1) sha256=x\n");
  CHECK(names(lockfile) == "b@1");
  CHECK(problems(lockfile) ==
        "3: a further place from which these gems may come, 'https://b.example/', is not read\n"
        "5: 'a' is no gem with a version\n"
        "6: 'sha256=x' of 'b' is no digest");
}

TEST_CASE("gemfile: what is no lockfile of Bundler is an error with its line") {
  CHECK(error_of("Gemfile.lock", "GEM\n  remote: x\n<<<<<<< HEAD\n") ==
        "Gemfile.lock:3: '<<<<<<< HEAD' is no section of a lockfile of Bundler");
  CHECK(error_of("Gemfile.lock", "  specs:\n") == "Gemfile.lock:1: not a lockfile of Bundler");
}
