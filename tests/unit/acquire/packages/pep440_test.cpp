#include "acquire/packages/pep440.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace minescan::acquire;

TEST_CASE("pep 440: the order is that of the specification") {
  const std::vector<std::string> ordered = {"banana",
                                            "1.0.dev456",
                                            "1.0a1",
                                            "1.0a2.dev456",
                                            "1.0a12.dev456",
                                            "1.0a12",
                                            "1.0b1.dev456",
                                            "1.0b2",
                                            "1.0b2.post345.dev456",
                                            "1.0b2.post345",
                                            "1.0rc1.dev456",
                                            "1.0rc1",
                                            "1.0",
                                            "1.0+abc.5",
                                            "1.0+abc.7",
                                            "1.0+5",
                                            "1.0.post456.dev34",
                                            "1.0.post456",
                                            "1.0.15",
                                            "1.1.dev1",
                                            "1.10",
                                            "2024.1",
                                            "1!0.1"};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      CAPTURE(ordered[i]);
      CAPTURE(ordered[j]);
      const int order = compare_pep440(ordered[i], ordered[j]);
      CHECK((order < 0) == (i < j));
      CHECK((order == 0) == (i == j));
    }
  }
}

TEST_CASE("pep 440: other spellings of one version are equal") {
  const std::vector<std::vector<const char*>> same = {
      {"1.0", "1", "v1.0.0", "1.00"},
      {"1.0a1", "1.0-alpha1", "1.0.ALPHA.1", "1.0_a_1", "1.0alpha-1"},
      {"1.0rc1", "1.0c1", "1.0-pre1", "1.0preview1"},
      {"1.0b0", "1.0b", "1.0-beta"},
      {"1.0.post1", "1.0-1", "1.0-r1", "1.0rev1"},
      {"1.0.dev0", "1.0dev", "1.0-dev"},
      {"1.0+a.1", "1.0+A-1", "1.0+a_01"}};
  for (const auto& spellings : same) {
    for (const char* other : spellings) {
      CAPTURE(other);
      CHECK(compare_pep440(spellings.front(), other) == 0);
    }
  }
}

TEST_CASE("pep 440: what is no version is told, whatever its length") {
  for (const std::string text : {"", "x", "1..2", "1.0+", "1.0+a!", "1.0a1b2", "1!", "!1", "1.0-",
                                 "1 0", "1.0.post1.post2", "==1.0", "1.*"}) {
    CAPTURE(text);
    CHECK_FALSE(is_pep440(text));
  }
  CHECK_FALSE(is_pep440(std::string(1000, '1')));
  CHECK(is_python_prerelease("2.0.dev1"));
  CHECK(is_python_prerelease("2.0rc1"));
  CHECK_FALSE(is_python_prerelease("2.0.post1"));
  CHECK_FALSE(is_python_prerelease("2.0+rc1"));
}
