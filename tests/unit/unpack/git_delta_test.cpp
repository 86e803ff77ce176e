#include "unpack/git_delta.h"

#include <doctest/doctest.h>

#include <string>

using namespace minescan::unpack;
using namespace std::string_literals;

TEST_CASE("git delta: it copies and inserts, and nothing that does not fit") {
  const std::string base = "0123456789";
  CHECK(*apply_delta(base, "\x0a\x06\x91\x02\x03\x03xyz"s) == "234xyz");
  // Another base, a result of another size, a copy from behind the base, cut off, command 0.
  for (const std::string& delta : {"\x0b\x06\x91\x02\x03\x03xyz"s, "\x0a\x07\x91\x02\x03\x03xyz"s,
                                   "\x0a\x05\x91\x02\x03\x03xyz"s, "\x0a\x03\x91\x08\x03"s,
                                   "\x0a\x06\x91\x02\x03\x03xy"s, "\x0a\x01\x00x"s, "\x0a"s, ""s}) {
    CAPTURE(delta.size());
    CHECK_FALSE(apply_delta(base, delta).has_value());
  }
  // A copy of 0 bytes is one of 65,536.
  CHECK_FALSE(apply_delta(base, "\x0a\x80\x80\x04\x80"s).has_value());
  CHECK(apply_delta(std::string(65536, 'a'), "\x80\x80\x04\x80\x80\x04\x80"s)->size() == 65536);
}
