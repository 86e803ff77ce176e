#include "base/bytes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace minescan;

TEST_CASE("bytes: line ends are counted, however many there are and wherever they lie") {
  CHECK(newlines({}) == 0);
  std::string text;
  for (std::size_t size = 0; size < 300; ++size) {
    CHECK(newlines(as_bytes(text)) == std::count(text.begin(), text.end(), '\n'));
    text += size % 7 == 3 ? '\n' : 'x';
  }
  // More than the sums of one round can hold.
  const std::string ends(std::size_t{1} << 20, '\n');
  CHECK(newlines(as_bytes(ends)) == ends.size());
  CHECK(newlines(as_bytes(std::string_view(ends).substr(0, ends.size() - 1))) == ends.size() - 1);
}
