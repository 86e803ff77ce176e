#include "base/ascii.h"

#include <doctest/doctest.h>

using namespace minescan;

TEST_CASE("ascii: only capital letters change, and other bytes stay") {
  CHECK(lower("AZaz09@[`{") == "azaz09@[`{");
  CHECK(lower("\xc4\xb0\xff\x80") == "\xc4\xb0\xff\x80");
  CHECK(lower("").empty());
}

TEST_CASE("ascii: what is blank goes from both ends, and from nowhere else") {
  CHECK(trimmed(" \ta b\r\n") == "a b");
  CHECK(trimmed(" \t\r\n").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed(" xax ", "x") == " xax ");
  CHECK(trimmed("xax", "x") == "a");
}
