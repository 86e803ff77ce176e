#include "match/yaml/loader.h"

#include <doctest/doctest.h>

#include <string>

using namespace minescan;
using namespace minescan::match;

namespace {

std::string error_of(const std::string& yaml) {
  const auto set = SignatureSet::compile({{"a.yaml", yaml}});
  return set ? "" : set.error().what;
}

std::string indicator(const std::string& body) {
  return "- indicator: one\n  hits: [x]\n  misses: [y]\n" + body;
}

std::string rule(const std::string& when) {
  return indicator("  literal: abcd\n") +
         "- rule: MSN1001\n  name: One\n  title: A.\n  description: A.\n  class: miner\n"
         "  level: error\n  confidence: high\n  help: A.\n  references: [x]\n  attack: T1\n"
         "  hits: [a]\n  misses: [b]\n  when: " +
         when + "\n";
}

}  // namespace

TEST_CASE("loader: a sound file loads") { CHECK(error_of(rule("one")) == ""); }

TEST_CASE("loader: what is wrong is named with file, line and reason") {
  CHECK(error_of(indicator("  literal: abcd\n  colour: red\n")) ==
        "a.yaml:5: unknown key 'colour'");
  CHECK(error_of("- indicator: one\n  literal: abcd\n  misses: [y]\n") ==
        "a.yaml:1: the key 'hits' is missing");
  CHECK(error_of(indicator("  literal: abcd\n  match: abcd\n")) ==
        "a.yaml:1: an indicator has only one of 'match', 'literal' and 'hex'");
  CHECK(error_of(indicator("  literal: abc\n")) ==
        "a.yaml:4: a literal of fewer than 4 bytes is everywhere");
  CHECK(error_of(indicator("  hex: '0g'\n")) ==
        "a.yaml:4: 'hex' holds something that is no hex digit");
  CHECK(error_of(indicator("  literal: abcd\n  in: [everything]\n")) ==
        "a.yaml:5: 'in' names no view kind: 'everything'");
  CHECK(error_of(indicator("  literal: abcd\n  validate: luck\n")) ==
        "a.yaml:5: there is no validator 'luck'");
  CHECK(error_of("a: [").starts_with("a.yaml:1: not YAML: "));
  CHECK(error_of("a: b") == "a.yaml:1: the file must be a list of indicators, rules and contexts");
  CHECK(error_of(rule("two")).find("names the indicator 'two', which does not exist") !=
        std::string::npos);
  CHECK(error_of(rule("{none: [one]}")).find("would hold where nothing was seen") !=
        std::string::npos);
  CHECK(error_of(rule("{at_least: {of: 3, from: [one]}}")).find("'of' must be from 1 to") !=
        std::string::npos);
  CHECK(error_of(rule("one") + indicator("  literal: abcd\n")) ==
        "a.yaml:18: the indicator 'one' is already defined at a.yaml:1");
}

TEST_CASE("loader: patterns must be bounded, not empty, and free of anchors") {
  const auto pattern_error = [](const std::string& regex) {
    return error_of(rule("one") + "- indicator: two\n  match: '" + regex +
                    "'\n  hits: [x]\n  misses: [y]\n");
  };
  CHECK(pattern_error("abc.*d").find("has no bounded width") != std::string::npos);
  CHECK(pattern_error("a{0,3}").find("matches the empty text") != std::string::npos);
  CHECK(pattern_error("^abcd").find("is anchored") != std::string::npos);
  CHECK(pattern_error("abcd\\b").find("is anchored") != std::string::npos);
  CHECK(pattern_error("abcd$").find("is anchored") != std::string::npos);
  CHECK(pattern_error("abc.{2046}").find("can match 2049 bytes") != std::string::npos);
  CHECK(pattern_error("(abc").find("is not a pattern") != std::string::npos);
  CHECK(pattern_error("[$^]abcd\\$") == "");
}

TEST_CASE("loader: contexts and what rules say of them") {
  const std::string sound =
      rule("one") +
      "- context: lists\n  title: A list.\n  in: [config]\n  when: one\n  classes: [miner]\n"
      "  hits: [a]\n  misses: [b]\n";
  CHECK(error_of(sound) == "");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = sound;
    text.replace(text.find(from), from.size(), to);
    return error_of(text);
  };
  CHECK(changed("  in: [config]\n", "") == "a.yaml:18: the key 'in' is missing");
  CHECK(changed("[miner]", "[pool]") ==
        "a.yaml:18: the context 'lists' lowers the class 'pool', which no rule has");
  CHECK(changed("  classes: [miner]\n", "  to: error\n").find("'to' is 'error'") !=
        std::string::npos);
  CHECK(changed("  classes: [miner]\n", "  scope: view\n")
            .find("a context's scope is a file or more") != std::string::npos);
  CHECK(changed("  help: A.\n", "  help: A.\n  despite: [lists]\n") == "");
  CHECK(changed("  help: A.\n", "  help: A.\n  despite: [any]\n") == "");
  CHECK(changed("  help: A.\n", "  help: A.\n  despite: [others]\n")
            .find("stands despite the context 'others', which does not exist") !=
        std::string::npos);
  CHECK(changed("  classes: [miner]\n", "  distinct: {capture: host, at_least: 6}\n") == "");
  CHECK(changed("  classes: [miner]\n", "  distinct: {capture: host, at_least: 1}\n")
            .find("needs a capture and a number from 2 to 100") != std::string::npos);
  CHECK(changed("  help: A.\n", "  help: A.\n  files: 2\n").find("'files' needs scope directory") !=
        std::string::npos);
  CHECK(changed("  help: A.\n", "  help: A.\n  scope: artifact\n  files: 2\n  same: wallet\n") ==
        "");
}

TEST_CASE("loader: runs need an alphabet, sensible lengths and what is looked for in them") {
  const auto run = [](const std::string& value) {
    return error_of(indicator("  confirm: x\n  run: " + value + "\n"));
  };
  const std::string sound =
      "no signatures are enabled: at least one indicator and one rule are needed";
  CHECK(run("{of: base58, at_least: 16}") == sound);
  CHECK(run("[{of: hex, at_least: 40, at_most: 40}, {of: bech32, at_least: 42}]") == sound);
  CHECK(run("{of: klingon, at_least: 16}") ==
        "a.yaml:5: 'run' knows no alphabet 'klingon'; use base58, bech32 or hex");
  CHECK(run("{of: hex, at_least: 15}") == "a.yaml:5: 'at_least' must be a number from 16 to 2048");
  CHECK(run("{of: hex, at_least: 40, at_most: 39}") ==
        "a.yaml:5: 'at_most' must be a number from 'at_least' to 2048");
  CHECK(run("{of: hex, at_least: 40, at_most: 2049}") ==
        "a.yaml:5: 'at_most' must be a number from 'at_least' to 2048");
  CHECK(run("{of: hex, at_least: 40, longest: 50}") == "a.yaml:5: unknown key 'longest'");
  CHECK(run("[]") ==
        "a.yaml:1: an indicator needs one of 'match', 'literal', 'hex', 'run' and 'words'");
  CHECK(error_of(indicator("  run: {of: hex, at_least: 40}\n")) ==
        "a.yaml:4: 'run' needs 'confirm': what is looked for in the run");
}

TEST_CASE("loader: no signatures at all is an error") {
  CHECK(error_of("").find("no signatures are enabled") != std::string::npos);
  CHECK(error_of(indicator("  literal: abcd\n")).find("no signatures are enabled") !=
        std::string::npos);
}

TEST_CASE("loader: a document nested a hundred thousand deep is refused, not followed") {
  CHECK(error_of(rule(std::string(100'000, '['))).starts_with("a.yaml:"));
}
