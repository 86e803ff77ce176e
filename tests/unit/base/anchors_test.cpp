#include "base/anchors.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace minescan;

namespace {

constexpr std::array<Anchor, 2> kWanted{Anchor{'a', 'b', 'c', 'd'}, Anchor{0xff, 0xfe, 0xfd, 0xfc}};

}  // namespace

TEST_CASE("anchors: each is found at every offset and in every length, and never past the end") {
  for (const std::string& anchor : {std::string("abcd"), std::string("\xff\xfe\xfd\xfc")}) {
    for (std::size_t size = 0; size < 150; ++size) {
      for (std::size_t at = 0; at + 4 <= size; ++at) {
        std::vector<char> bytes(size, 'b');
        std::copy(anchor.begin(), anchor.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
        const ByteView view = as_bytes(std::string_view(bytes.data(), bytes.size()));
        REQUIRE(find_anchor(view, 0, kWanted) == at);
        REQUIRE(find_anchor(view, at, kWanted) == at);
        REQUIRE_FALSE(find_anchor(view, at + 1, kWanted).has_value());
        // Cut inside the anchor.
        REQUIRE_FALSE(find_anchor(view.first(at + 3), 0, kWanted).has_value());
      }
    }
  }
}

TEST_CASE("anchors: parts of one are not one, and the first of several is found") {
  const std::string parts =
      std::string(100, 'x') + "abcx" + std::string(100, 'x') + "xbcd" + std::string(100, 'x');
  CHECK_FALSE(find_anchor(as_bytes(parts), 0, kWanted).has_value());
  const std::string both = parts + "\xff\xfe\xfd\xfc" + "abcd" + parts;
  CHECK(find_anchor(as_bytes(both), 0, kWanted) == parts.size());
  CHECK(find_anchor(as_bytes(both), parts.size() + 1, kWanted) == parts.size() + 4);
}
