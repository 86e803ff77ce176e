#include "match/runs.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace minescan;
using namespace minescan::match;

namespace {
std::vector<std::pair<std::size_t, std::size_t>> runs(const std::string& text, std::size_t least) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for_each_run(as_bytes(text), members_of(Alphabet::base58), least,
               [&](std::size_t begin, std::size_t end) { found.emplace_back(begin, end); });
  return found;
}
using Found = std::vector<std::pair<std::size_t, std::size_t>>;
}  // namespace

TEST_CASE("runs: exactly those that are long enough, wherever they lie") {
  CHECK(runs("", 3) == Found{});
  CHECK(runs("ab", 3) == Found{});
  CHECK(runs("abc", 3) == Found{{0, 3}});
  CHECK(runs("0abc0ab0abcd", 3) == Found{{1, 4}, {8, 12}});
  CHECK(runs("O0Il", 1) == Found{});
}

TEST_CASE("runs: stepping over bytes finds what looking at each would") {
  std::string text;
  unsigned state = 1;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 1103515245 + 12345;
    text += (state >> 16) % 9 == 0 ? ' ' : 'a';
  }
  for (const std::size_t least : {1u, 2u, 7u, 26u}) {
    Found slow;
    for (std::size_t i = 0; i < text.size();) {
      std::size_t end = i;
      while (end < text.size() && text[end] == 'a') ++end;
      if (end - i >= least) slow.emplace_back(i, end);
      i = end + 1;
    }
    CHECK(runs(text, least) == slow);
  }
}
