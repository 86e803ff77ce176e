#include "base/anchors.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace minescan;

namespace {

constexpr std::array<Anchor, 2> kWanted{Anchor{'a', 'b', 'c', 'd'}, Anchor{0xff, 0xfe, 0xfd, 0xfc}};
const AnchorFinder finder(kWanted);

}  // namespace

TEST_CASE("anchors: each is found at every offset and in every length, and never past the end") {
  for (const std::string& anchor : {std::string("abcd"), std::string("\xff\xfe\xfd\xfc")}) {
    for (std::size_t size = 0; size < 150; ++size) {
      for (std::size_t at = 0; at + 4 <= size; ++at) {
        std::vector<char> bytes(size, 'b');
        std::copy(anchor.begin(), anchor.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
        const ByteView view = as_bytes(std::string_view(bytes.data(), bytes.size()));
        REQUIRE(finder.find(view, 0) == at);
        REQUIRE(finder.find(view, at) == at);
        REQUIRE(finder.find_plainly(view, 0) == at);
        REQUIRE(finder.find_plainly(view, at) == at);
        REQUIRE_FALSE(finder.find(view, at + 1).has_value());
        // Cut inside the anchor.
        REQUIRE_FALSE(finder.find(view.first(at + 3), 0).has_value());
        REQUIRE_FALSE(finder.find_plainly(view.first(at + 3), 0).has_value());
      }
    }
  }
}

TEST_CASE("anchors: parts of one are not one, and the first of several is found") {
  const std::string parts =
      std::string(100, 'x') + "abcx" + std::string(100, 'x') + "xbcd" + std::string(100, 'x');
  CHECK_FALSE(finder.find(as_bytes(parts), 0).has_value());
  const std::string both = parts + "\xff\xfe\xfd\xfc" + "abcd" + parts;
  CHECK(finder.find(as_bytes(both), 0) == parts.size());
  CHECK(finder.find(as_bytes(both), parts.size() + 1) == parts.size() + 4);
}

TEST_CASE("anchors: of many the same are found on any processor") {
  std::vector<Anchor> many;
  for (std::uint8_t i = 0; i < 11; ++i) {
    many.push_back({static_cast<std::uint8_t>(i * 23), static_cast<std::uint8_t>(i * 7), i, 1});
  }
  const AnchorFinder all(many);
  std::vector<std::byte> bytes(5000);
  std::uint32_t state = 7;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    state = state * 1664525 + 1013904223;
    bytes[i] = static_cast<std::byte>(many[state >> 20 & 7][i % 4]);
  }
  std::size_t count = 0;
  std::optional<std::size_t> at;
  do {
    const std::size_t from = at ? *at + 1 : 0;
    at = all.find(bytes, from);
    REQUIRE(all.find_plainly(bytes, from) == at);
    ++count;
  } while (at);
  CHECK(count > 10);
}
