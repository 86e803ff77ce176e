#include "base/hidden_words.h"

#include <doctest/doctest.h>

#include <cstring>

using minescan::hidden_words;

namespace {

constexpr auto kColours = hidden_words([] {
  return std::to_array<std::string_view>({"", "blue", "blue-green", "green", "red", "\xffz"});
});
constexpr auto kNone = hidden_words([] { return std::array<std::string_view, 0>{}; });

}  // namespace

TEST_CASE("hidden words: what is in the table is found, what is like it is not") {
  for (const std::string_view word : {"", "blue", "blue-green", "green", "red", "\xffz"}) {
    CAPTURE(word);
    CHECK(kColours.contains(word));
  }
  for (const std::string_view word : {"blu", "blue-", "bluf", "reds", "RED", "a", "z", "\xff"}) {
    CAPTURE(word);
    CHECK_FALSE(kColours.contains(word));
  }
  CHECK_FALSE(kColours.contains(std::string_view("red\0", 4)));
  CHECK_FALSE(kNone.contains(""));
  CHECK_FALSE(kNone.begins("a"));
}

TEST_CASE("hidden words: a text begins with a word") {
  constexpr auto kStems = hidden_words([] {
    return std::to_array<std::string_view>({"cn/", "rx"});
  });
  CHECK(kStems.begins("cn/r"));
  CHECK(kStems.begins("rx"));
  CHECK_FALSE(kStems.begins("r"));
  CHECK_FALSE(kStems.begins("xrx"));
}

TEST_CASE("hidden words: the words come back, and do not stand in the table as they are") {
  CHECK(kColours.size() == 6);
  CHECK(kColours.word(2) == "blue-green");
  CHECK(kColours.word(5) == "\xffz");
  std::string bytes(sizeof kColours, ' ');
  std::memcpy(bytes.data(), &kColours, sizeof kColours);
  CHECK(bytes.find("green") == std::string::npos);
}
