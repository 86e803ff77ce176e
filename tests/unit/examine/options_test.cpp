#include <doctest/doctest.h>

#include "inspect/commands/options.h"
#include "match/commands.h"

// Two rooms on one floor know the options of miners: one to pick the lines worth a look, one to
// read them.  This is the first room that sees both.

TEST_CASE("commands: every option that the grammar reads makes its line worth a look") {
  using namespace minescan;
  const auto options = match::known_options();
  REQUIRE(options.size() > 100);
  for (const std::string& option : options) {
    CAPTURE(option);
    CHECK(inspect::commands::is_option(option));
    const std::string command = "./a " + option + " x --wallet-address y";
    const bool other = option != "--wallet-address" && inspect::commands::is_rare_option(option);
    CHECK((!other || inspect::commands::is_telling(command)));
  }
}
