#include "match/validators.h"

#include <doctest/doctest.h>

#include <random>

using minescan::match::Captures;
using minescan::match::validator_by_name;
using minescan::match::validator_names;

TEST_CASE("validators: every name leads to the validator of that name, and others to none") {
  const auto names = validator_names();
  CHECK(names == std::vector<std::string_view>{"host-port", "miner-command", "pool-command",
                                               "pool-host", "started-command", "wallet:account",
                                               "wallet:btc", "wallet:cryptonote", "wallet:mined",
                                               "wallet:named", "wallet:payment", "wallet:xmr"});
  for (const std::string_view name : names) {
    REQUIRE(validator_by_name(name) != nullptr);
    CHECK(validator_by_name(name)->name == name);
  }
  CHECK(validator_by_name("wallet") == nullptr);
  CHECK(validator_by_name("") == nullptr);
}

TEST_CASE("validators: random bytes in text and captures are answered, not fatal") {
  std::mt19937 random(1);  // the seed makes a failure repeatable
  const std::string likely("13458.:[]@/bcqzpA-_\0\xff", 21);
  const auto bytes = [&](std::size_t most) {
    std::string text(std::uniform_int_distribution<std::size_t>(0, most)(random), ' ');
    for (char& c : text) {
      c = likely[std::uniform_int_distribution<std::size_t>(0, likely.size() - 1)(random)];
    }
    return text;
  };
  std::size_t valid = 0;
  for (int round = 0; round < 20000; ++round) {
    for (const std::string_view name : validator_names()) {
      Captures captures;
      for (const char* group : {"host", "port", "wallet", "coin", "before", "after"}) {
        if (random() % 2 == 0) captures[group] = bytes(120);
      }
      if (validator_by_name(name)->check(bytes(120), captures)) ++valid;
    }
  }
  CHECK(valid < 20000);  // only short host names can come out right by chance
}
