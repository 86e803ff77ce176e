#include "app/options.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace minescan;
using namespace minescan::app;

namespace {

Parsed parse(std::vector<std::string> words) {
  words.insert(words.begin(), "minescan");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return parse_options(static_cast<int>(words.size()), argv.data());
}

}  // namespace

TEST_CASE("options: a reference alone is a scan with text on standard output") {
  const Parsed parsed = parse({"image", "app:1"});
  REQUIRE(parsed.options.has_value());
  CHECK(parsed.options->command == Command::image);
  CHECK(parsed.options->target == "app:1");
  REQUIRE(parsed.options->outputs.size() == 1);
  CHECK(parsed.options->outputs[0].format == "text");
  CHECK(parsed.options->outputs[0].path == "-");
  CHECK(parsed.options->fail_on == Level::error);
}

TEST_CASE(
    "options: an option that may be repeated takes one value, and leaves the name behind it") {
  for (const std::string option : {"-o", "--platform", "--insecure", "--accept-gap"}) {
    CAPTURE(option);
    const Parsed parsed =
        parse({"image", option, option == "--platform" ? "linux/amd64" : "a", "app:1"});
    REQUIRE(parsed.options.has_value());
    CHECK(parsed.options->target == "app:1");
  }
}

TEST_CASE("options: outputs are FORMAT=FILE, or FILE in the format of --format") {
  const Parsed parsed =
      parse({"repo", ".", "-f", "json", "-o", "sarif=a.sarif", "-o", "./b=c.json"});
  REQUIRE(parsed.options.has_value());
  REQUIRE(parsed.options->outputs.size() == 2);
  CHECK(parsed.options->outputs[0].format == "sarif");
  CHECK(parsed.options->outputs[0].path == "a.sarif");
  CHECK(parsed.options->outputs[1].format == "json");
  CHECK(parsed.options->outputs[1].path == "./b=c.json");
}

TEST_CASE("options: fs is repo by another name") {
  const Parsed parsed = parse({"fs", "."});
  REQUIRE(parsed.options.has_value());
  CHECK(parsed.options->command == Command::repo);
}

TEST_CASE("options: wrong usage ends with 2, help with 0") {
  CHECK(parse({}).exit_code == 2);
  CHECK(parse({"image"}).exit_code == 2);
  CHECK(parse({"image", "x", "--platfrom", "y"}).exit_code == 2);
  CHECK(parse({"image", "x", "--fail-on", "never"}).exit_code == 2);
  CHECK(parse({"image", "x", "--username", "u"}).exit_code == 2);
  CHECK(parse({"package", "x", "-o", "sarif="}).exit_code == 2);
  CHECK(parse({"package", "x", "-o", "xml=a"}).exit_code == 2);
  CHECK(parse({"--format", "json", "package", "x"}).exit_code == 2);
  CHECK(parse({"pakage", "x"}).exit_code == 2);
  CHECK(parse({"package", "x", "-o", "a", "-o", "json=a"}).exit_code == 2);
  CHECK(parse({"package", "x", "--signatures", "a", "--signatures-only", "b"}).exit_code == 2);
  const Parsed help = parse({"image", "--help"});
  CHECK_FALSE(help.options.has_value());
  CHECK(help.exit_code == 0);
}
