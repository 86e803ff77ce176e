#include "base/printable.h"

#include <doctest/doctest.h>

using minescan::printable;

TEST_CASE("printable: valid UTF-8 stays as it is") {
  CHECK(printable("usr/bin/größe-日本") == "usr/bin/größe-日本");
}

TEST_CASE("printable: what acts on a terminal is shown instead") {
  CHECK(printable("a\x1b[31mb\n\r\x07") == "a\\x1b[31mb\\x0a\\x0d\\x07");
  CHECK(printable("\xc2\x9b") == "\\x9b");                  // C1 control sequence introducer
  CHECK(printable("x\xe2\x80\xaey") == "x\\u{202E}y");      // right-to-left override
  CHECK(printable("po\xe2\x80\x8bol") == "po\\u{200B}ol");  // zero-width space
  CHECK(printable(std::string_view("\0\x7f", 2)) == "\\x00\\x7f");
}

TEST_CASE("printable: bytes that are not UTF-8 are shown as bytes") {
  CHECK(printable("a\xff\xfe") == "a\\xff\\xfe");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");           // overlong
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // surrogate
  CHECK(printable("\xe2\x82") == "\\xe2\\x82");           // cut short
}

TEST_CASE("printable: no runner command survives") {
  CHECK(printable("::error::x") == ":\\:error::x");
  CHECK(printable("  ::error::x") == "  :\\:error::x");
  CHECK(printable("a ##[error]b") == "a #\\#[error]b");
  CHECK(printable("##vso[task.x]") == "#\\#vso[task.x]");
}

TEST_CASE("printable: long text is cut and says so") {
  CHECK(printable("abcdef", 3) == "abc…");
  CHECK(printable("abc", 3) == "abc");
}
