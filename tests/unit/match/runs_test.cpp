#include "match/runs.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace minescan;
using namespace minescan::match;

namespace {
std::vector<std::pair<std::size_t, std::size_t>> runs(const std::string& text, std::size_t least) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  Lengths lengths{};
  lengths.at(static_cast<std::size_t>(Alphabet::base58)) = least;
  for_each_run(as_bytes(text), lengths, [&](Alphabet alphabet, std::size_t begin, std::size_t end) {
    CHECK(alphabet == Alphabet::base58);
    found.emplace_back(begin, end);
  });
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

TEST_CASE("runs: alphabets are known by their names") {
  CHECK(alphabet_by_name("base58") == Alphabet::base58);
  CHECK(alphabet_by_name("bech32") == Alphabet::bech32);
  CHECK(alphabet_by_name("hex") == Alphabet::hex);
  CHECK(alphabet_by_name("base64") == std::nullopt);
  CHECK(alphabet_by_name("") == std::nullopt);
  CHECK(is_member(std::byte{'z'}, Alphabet::base58));
  CHECK_FALSE(is_member(std::byte{'l'}, Alphabet::base58));
  CHECK(is_member(std::byte{'l'}, Alphabet::bech32));
  CHECK_FALSE(is_member(std::byte{'b'}, Alphabet::bech32));
  CHECK(is_member(std::byte{'F'}, Alphabet::hex));
  CHECK_FALSE(is_member(std::byte{0xff}, Alphabet::hex));
  CHECK_FALSE(is_member(std::byte{'a'}, Alphabet::none));
}

TEST_CASE("runs: stepping over bytes finds what looking at each would, for all alphabets at once") {
  // Characters of one, two and three alphabets, and of none.
  const std::string characters = "aaaaaaaaaaa1l0QQz ";
  for (const unsigned seed : {1u, 2u, 3u}) {
    std::string text;
    unsigned state = seed;
    char last = 'a';
    for (int i = 0; i < 20'000; ++i) {
      state = state * 1103515245 + 12345;
      // Mostly the character before, so that runs of all lengths come about.
      if ((state >> 16) % 4 == 0) last = characters[(state >> 20) % characters.size()];
      text += last;
    }
    for (const Lengths& least : {Lengths{0, 1, 0, 0}, Lengths{0, 2, 3, 5}, Lengths{0, 7, 0, 26},
                                 Lengths{0, 40, 26, 33}, Lengths{0, 8, 9, 95}}) {
      std::map<Alphabet, Found> fast, slow;
      for_each_run(as_bytes(text), least, [&](Alphabet of, std::size_t begin, std::size_t end) {
        fast[of].emplace_back(begin, end);
      });
      for (std::size_t of = 1; of < kAlphabets; ++of) {
        const auto alphabet = static_cast<Alphabet>(of);
        const auto member = [&](std::size_t i) {
          return is_member(static_cast<std::byte>(text[i]), alphabet);
        };
        for (std::size_t i = 0; i < text.size();) {
          std::size_t end = i;
          while (end < text.size() && member(end)) ++end;
          if (least.at(of) != 0 && end - i >= least.at(of)) slow[alphabet].emplace_back(i, end);
          i = end + 1;
        }
      }
      REQUIRE_FALSE(slow.empty());
      CHECK(fast == slow);
    }
  }
}

TEST_CASE("runs: nothing is found where nothing is looked for") {
  for_each_run(as_bytes("aaaaaaaaaaaaaaaa"), Lengths{},
               [&](Alphabet, std::size_t, std::size_t) { FAIL("found"); });
}
