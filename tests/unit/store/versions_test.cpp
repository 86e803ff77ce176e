#include "store/versions.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/handle.h"
#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::store;

namespace {

SignaturePack pack(std::uint64_t version, const std::string& name = "example",
                   const std::string& key = "0123456789abcdef") {
  return {.name = name, .version = version, .made = 0, .key = key};
}

}  // namespace

TEST_CASE("versions: the highest one that was used is known, for each key and name") {
  const test::TempDir home;
  const std::string place = home.path() + "/state/minescan";
  CHECK(highest_version(place, pack(1)) == 0);
  CHECK_FALSE(std::filesystem::exists(home.path() + "/state"));
  REQUIRE(remember_version(place, pack(5)).has_value());
  CHECK(highest_version(place, pack(1)) == 5);
  REQUIRE(remember_version(place, pack(3)).has_value());
  CHECK(highest_version(place, pack(1)) == 5);
  REQUIRE(remember_version(place, pack(~std::uint64_t{0})).has_value());
  CHECK(highest_version(place, pack(1)) == ~std::uint64_t{0});
  CHECK(highest_version(place, pack(1, "other")) == 0);
  CHECK(highest_version(place, pack(1, "example", "ffffffffffffffff")) == 0);
}

TEST_CASE("versions: what is no version is an error, and the next one takes its place") {
  const test::TempDir home;
  const std::string place = home.path() + "/state";
  const std::string file = version_file(place, pack(1));
  for (const std::string text : {"", "\n", "5", "-1\n", "+1\n", " 5\n", "5 \n", "0x5\n",
                                 "99999999999999999999\n", "18446744073709551616\n", "5\n5\n"}) {
    CAPTURE(text);
    home.write("state/" + std::filesystem::path(file).filename().string(), text);
    const auto known = highest_version(place, pack(1));
    REQUIRE_FALSE(known.has_value());
    CHECK(known.error().code == Code::corrupt);
    CHECK(known.error().what.find(file) != std::string::npos);
  }
  REQUIRE(remember_version(place, pack(2)).has_value());
  CHECK(highest_version(place, pack(1)) == 2);
  // A link is not followed, nor is what it points to written.
  home.write("target", "77\n");
  std::filesystem::remove(file);
  std::filesystem::create_symlink(home.path() + "/target", file);
  CHECK_FALSE(highest_version(place, pack(1)).has_value());
  REQUIRE(remember_version(place, pack(3)).has_value());
  CHECK(highest_version(place, pack(1)) == 3);
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  CHECK_FALSE(highest_version(place, pack(1)).has_value());
  CHECK_FALSE(remember_version(place, pack(3)).has_value());
}

TEST_CASE("versions: a directory that others may write to is not trusted") {
  const test::TempDir home;
  const std::string place = home.path() + "/state";
  REQUIRE(remember_version(place, pack(5)).has_value());
  ::chmod(place.c_str(), 0777);
  const auto known = highest_version(place, pack(1));
  REQUIRE_FALSE(known.has_value());
  CHECK(known.error().code == Code::refused);
  CHECK(known.error().what.find("state directory") != std::string::npos);
  CHECK_FALSE(remember_version(place, pack(6)).has_value());
}

TEST_CASE("versions: while another process writes nothing waits") {
  const test::TempDir home;
  REQUIRE(remember_version(home.path(), pack(1)).has_value());
  const Fd other(::open(home.path().c_str(), O_RDONLY | O_DIRECTORY));
  REQUIRE(::flock(other.get(), LOCK_EX) == 0);
  CHECK(remember_version(home.path(), pack(2)).has_value());
  CHECK(highest_version(home.path(), pack(1)) == 1);
}
