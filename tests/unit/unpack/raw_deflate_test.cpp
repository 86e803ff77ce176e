#include "unpack/raw_deflate.h"

#include <doctest/doctest.h>

#include "support/archives.h"
#include "support/compressors.h"

namespace minescan::unpack {
namespace {

// gzip's body: without the header of ten bytes and the trailer of eight.
std::string deflated(std::string_view text) {
  const std::string whole = test::gzip(text);
  return whole.substr(10, whole.size() - 18);
}

}  // namespace

TEST_CASE("raw deflate: a whole stream is inflated") {
  const std::string text = "a text that says a text that says something";
  const auto inflated = inflate_all(as_bytes(deflated(text)), 1'000'000);
  REQUIRE(inflated);
  CHECK(inflated->bytes == text);
  CHECK_FALSE(inflated->cut);
  const std::string large(3'000'000, 'x');
  const auto whole = inflate_all(as_bytes(deflated(large)), 10'000'000);
  REQUIRE(whole);
  CHECK(whole->bytes == large);
}

TEST_CASE("raw deflate: what is more than asked for is cut") {
  const auto inflated = inflate_all(as_bytes(deflated(std::string(50'000'000, 'x'))), 1'000'000);
  REQUIRE(inflated);
  CHECK(inflated->cut);
  CHECK(inflated->bytes.size() < 2'000'000);
}

TEST_CASE("raw deflate: a stream that is cut short, followed by more, or none is nothing") {
  const std::string good = deflated("a text that says a text that says something");
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(inflate_all(as_bytes(good.substr(0, size)), 1'000'000));
  }
  CHECK_FALSE(inflate_all(as_bytes(good + "x"), 1'000'000));
  CHECK_FALSE(inflate_all(as_bytes(std::string(100, '\xff')), 1'000'000));
}

}  // namespace minescan::unpack
