#include "base/source.h"

#include <doctest/doctest.h>

#include "base/digest.h"
#include "base/reader.h"

using namespace minescan;

TEST_CASE("bounded source: shows its part and no more") {
  MemorySource all(as_bytes("abcdef"));
  BoundedSource part(all, 4);
  CHECK(as_text(part.peek(10)) == "abcd");
  part.skip(2);
  CHECK(as_text(part.peek(1)) == "cd");
  part.skip(2);
  CHECK(part.peek(1).empty());
  CHECK_FALSE(part.fault().has_value());
  CHECK(as_text(all.peek(1)) == "ef");
}

TEST_CASE("bounded source: a parent that ends early is a fault, and what is there is offered") {
  MemorySource all(as_bytes("ab"));
  BoundedSource part(all, 5);
  CHECK(as_text(part.peek(5)) == "ab");
  REQUIRE(part.fault().has_value());
  CHECK(part.fault()->code == Code::truncated);
  CHECK(skip_bytes(part, 5) == 2);
  CHECK(part.position() == 2);
}

TEST_CASE("reader: numbers in both orders, and nothing past the end") {
  Reader reader(as_bytes("\x01\x02\x03"));
  CHECK(reader.little<std::uint16_t>() == 0x0201);
  CHECK_FALSE(reader.big<std::uint16_t>().has_value());
  CHECK(reader.big<std::uint8_t>() == 3);
  CHECK_FALSE(reader.slice(2, ~std::uint64_t{0}).has_value());
  CHECK(reader.slice(3, 0).has_value());
}

TEST_CASE("digest: spelling is checked before a digest becomes a path") {
  CHECK(is_digest(sha256(as_bytes("abc"))));
  CHECK(sha256(as_bytes("abc")) ==
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK_FALSE(is_digest("sha256:../../../../etc/passwd"));
  CHECK_FALSE(is_digest("sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
  CHECK_FALSE(is_digest("md5:d41d8cd98f00b204e9800998ecf8427e"));
}
