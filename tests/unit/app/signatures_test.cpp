#include "app/signatures.h"

#include <doctest/doctest.h>

using namespace minescan;
using namespace minescan::app;

TEST_CASE("signatures: every example of the built-in pack does what it says") {
  const auto signatures = load_signatures({});
  REQUIRE(signatures.has_value());
  const auto failures = failing_examples(*signatures);
  REQUIRE(failures.has_value());
  for (const std::string& failure : *failures) FAIL_CHECK(failure);
  CHECK((*signatures)->rules().size() > 50);
}

TEST_CASE("signatures: a directory that is not there or holds nothing is an error") {
  CHECK_FALSE(load_signatures({.signatures_added = "/nonexistent"}).has_value());
  CHECK_FALSE(load_signatures({.signatures_only = "/nonexistent"}).has_value());
}
