#include "model/artifact.h"

#include <doctest/doctest.h>

using minescan::Artifact;

namespace {

std::string stable(Artifact::Kind kind, const char* name) {
  Artifact artifact;
  artifact.kind = kind;
  artifact.name = name;
  return artifact.stable_name();
}

}  // namespace

TEST_CASE("artifact: the stable name of an image has no transport, tag or digest") {
  const auto image = Artifact::Kind::image;
  CHECK(stable(image, "registry.example/team/app:1.2") == "registry.example/team/app");
  CHECK(stable(image, "registry.example:5000/team/app") == "registry.example:5000/team/app");
  CHECK(stable(image, "registry.example:5000/app:1@sha256:00") == "registry.example:5000/app");
  CHECK(stable(image, "docker://registry.example/app:1") == "registry.example/app");
  CHECK(stable(image, "docker-daemon:app:1") == "app");
}

TEST_CASE("artifact: the stable name of a local file does not know where it lies") {
  CHECK(stable(Artifact::Kind::image, "oci-archive:/tmp/run-17/rogue.tar:v1") == "rogue.tar");
  CHECK(stable(Artifact::Kind::image, "oci:layout:v1") == "layout");
  CHECK(stable(Artifact::Kind::image, "docker-archive:a/b.tar:registry.example/app:1") == "b.tar");
  CHECK(stable(Artifact::Kind::image, "./images/x.tar") == "x.tar");
  CHECK(stable(Artifact::Kind::package, "/home/me/left-pad-1.0.0.tgz") == "left-pad-1.0.0.tgz");
  CHECK(stable(Artifact::Kind::tree, "/builds/group/project/") == "project");
  CHECK(stable(Artifact::Kind::tree, ".") == "");
  CHECK(stable(Artifact::Kind::tree, "./services/a/") == "services/a");
}

TEST_CASE("artifact: the stable name of a registry's package has no version") {
  const auto package = Artifact::Kind::package;
  CHECK(stable(package, "pkg:npm/lodash@4.17.21") == "pkg:npm/lodash");
  CHECK(stable(package, "pkg:npm/%40scope/name@1.0.0") == "pkg:npm/%40scope/name");
  CHECK(stable(package, "pkg:pypi/demo@1.0") == "pkg:pypi/demo");
}
