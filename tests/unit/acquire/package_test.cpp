#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acquire/acquire.h"
#include "base/digest.h"
#include "support/image_bytes.h"
#include "support/reading.h"

using namespace minescan;

namespace {

Error error_of(const std::string& path) {
  const auto acquired = acquire::package(path, {});
  REQUIRE_FALSE(acquired.has_value());
  return acquired.error();
}

}  // namespace

TEST_CASE("package: a file is one unit with its digest") {
  const test::TempDirectory directory;
  const std::string path = directory.write("app.tgz", "some bytes");
  auto acquired = acquire::package(path, {});
  REQUIRE(acquired.has_value());
  const Artifact& artifact = acquired->artifact;
  CHECK(artifact.kind == Artifact::Kind::package);
  CHECK(artifact.name == path);
  CHECK(artifact.digest == sha256(as_bytes("some bytes")));
  REQUIRE(artifact.units.size() == 1);
  CHECK(artifact.units[0].name == "app.tgz");
  CHECK(artifact.units[0].size == 10);
  const auto source = acquired->opener->open(artifact.units[0]);
  REQUIRE(source.has_value());
  const auto read = test::read_all(**source);
  CHECK(read.bytes == "some bytes");
  CHECK_FALSE(read.fault.has_value());
}

TEST_CASE("package: an empty file is a unit like any other") {
  const test::TempDirectory directory;
  auto acquired = acquire::package(directory.write("empty", ""), {});
  REQUIRE(acquired.has_value());
  REQUIRE(acquired->artifact.units.size() == 1);
  const auto source = acquired->opener->open(acquired->artifact.units[0]);
  REQUIRE(source.has_value());
  CHECK(test::read_all(**source).bytes.empty());
}

TEST_CASE("package: a file that is changed before its bytes are scanned is a fault") {
  const test::TempDirectory directory;
  const std::string path = directory.write("app", "before");
  auto acquired = acquire::package(path, {});
  REQUIRE(acquired.has_value());
  directory.write("app", "after!");
  const auto source = acquired->opener->open(acquired->artifact.units[0]);
  REQUIRE(source.has_value());
  const auto read = test::read_all(**source);
  REQUIRE(read.fault.has_value());
  CHECK(read.fault->code == Code::changed);
}

TEST_CASE("package: what is no file is refused, without waiting for it") {
  const test::TempDirectory directory;
  CHECK(error_of(directory.path("missing")).code == Code::not_found);
  CHECK(error_of(directory.path()).code == Code::usage);
  const std::string fifo = directory.path("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(error_of(fifo).code == Code::usage);
  CHECK(error_of("/dev/zero").code == Code::usage);
}
