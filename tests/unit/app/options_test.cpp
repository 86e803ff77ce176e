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

TEST_CASE("options: a version of a pack is a number from 1 on, and -1 is not the highest one") {
  const std::string highest = "18446744073709551615";
  const Parsed built = parse({"signatures", "build", "d", "-o", "p", "--sign-key", "k",
                              "--pack-version", highest, "--only"});
  REQUIRE(built.options.has_value());
  CHECK(built.options->command == Command::signatures_build);
  CHECK(built.options->target == "d");
  CHECK(built.options->pack.file == "p");
  CHECK(built.options->pack.key == "k");
  CHECK(built.options->pack.name == "signatures");
  CHECK(built.options->pack.version == ~std::uint64_t{0});
  CHECK(built.options->pack.only);
  const Parsed used = parse({"repo", ".", "--signatures", "p", "--signature-key", "a",
                             "--signature-key", "b", "--signatures-min-version", "7"});
  REQUIRE(used.options.has_value());
  CHECK(used.options->signature_keys == std::vector<std::string>{"a", "b"});
  CHECK(used.options->signatures_least == 7);
  for (const std::string wrong : {"0", "-1", "+1", "1.5", "x", "", " 1", "18446744073709551616"}) {
    CAPTURE(wrong);
    CHECK(
        parse({"signatures", "build", "d", "-o", "p", "--sign-key", "k", "--pack-version=" + wrong})
            .exit_code == 2);
    CHECK(parse({"repo", ".", "--signatures-min-version=" + wrong}).exit_code == 2);
  }
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
