#include "acquire/packages/semver.h"

#include <doctest/doctest.h>

using namespace minescan::acquire;

TEST_CASE("semver: the order is that of the specification") {
  const std::vector<std::string> ordered = {"nightly",
                                            "1.0.0-alpha",
                                            "1.0.0-alpha.1",
                                            "1.0.0-alpha.beta",
                                            "1.0.0-beta",
                                            "1.0.0-beta.2",
                                            "1.0.0-beta.11",
                                            "1.0.0-rc.1",
                                            "1.0.0",
                                            "1.2.0",
                                            "1.10.0",
                                            "2.0.0",
                                            "99999999999999999999.0.0"};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      CAPTURE(ordered[i]);
      CAPTURE(ordered[j]);
      const int order = compare_semver(ordered[i], ordered[j]);
      CHECK((order < 0) == (i < j));
      CHECK((order == 0) == (i == j));
    }
  }
  CHECK(compare_semver("1.0.0+a", "1.0.0+b") == 0);
}

TEST_CASE("semver: a pre-release is told by its dash, not by build metadata") {
  CHECK(is_prerelease("1.0.0-rc.1"));
  CHECK_FALSE(is_prerelease("1.0.0+build-1"));
  CHECK_FALSE(is_prerelease("1.0-rc"));
  CHECK_FALSE(is_semver("1.0"));
  CHECK_FALSE(is_semver("1.0.0-"));
  CHECK_FALSE(is_semver("1.0.0-a/../../b"));
}

TEST_CASE("semver: versions near one that is not there are those around its place") {
  const std::vector<std::string> known = {"1.0.0", "1.1.0", "1.2.0", "2.0.0", "3.0.0"};
  const auto near = [&](const char* wanted) {
    return listed_versions(versions_near(known, wanted, &compare_semver));
  };
  CHECK(near("1.1.5") == "1.0.0, 1.1.0 and 1.2.0");
  CHECK(near("0.1.0") == "1.0.0, 1.1.0 and 1.2.0");
  CHECK(near("9.0.0") == "1.2.0, 2.0.0 and 3.0.0");
  CHECK(versions_near({}, "1.0.0", &compare_semver).empty());
}
