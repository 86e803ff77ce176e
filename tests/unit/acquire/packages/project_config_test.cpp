#include "acquire/packages/project_config.h"

#include <doctest/doctest.h>

#include "acquire/packages/cargo_config.h"
#include "acquire/packages/npm_config.h"
#include "acquire/packages/npmrc.h"
#include "support/task_here.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

constexpr const char* kCargo = R"(
[source.crates-io]
replace-with = "mirror"
[source.mirror]
registry = "sparse+https://crates.example/index/"
[registries.own]
index = "sparse+https://own.example/"
token = "secret"
[http]
cainfo = "ca.pem"
)";
constexpr const char* kNpm = "registry = https://npm.example/\nflag\n; no\n";

}  // namespace

TEST_CASE("project config: a task says what reading it here says") {
  test::TaskHere runner(project_config_task);
  for (const std::string_view text : {kNpm, "", "a=b\r\na=c", "\xff\xfe=\x80", "[x]\ny=z"}) {
    const auto values = read_project_npmrc(&runner, text);
    REQUIRE(values.has_value());
    CHECK(*values == parse_npmrc(text));
  }
  for (const std::string_view text : {kCargo, "", "[source]\nx = 1", "a = 'b'"}) {
    const auto file = read_project_cargo_file(&runner, text);
    REQUIRE(file.has_value());
    CHECK(*file == *read_project_cargo_file(nullptr, text));
  }
  for (const std::string_view text : {"a = 1\n= 2", "\xff", "[a"}) {
    const auto file = read_project_cargo_file(&runner, text);
    REQUIRE_FALSE(file.has_value());
    CHECK(file.error().code == Code::usage);
    CHECK(file.error().what == parse_cargo_file(text).error().what);
  }
  CHECK(runner.runs == 12);
}

TEST_CASE("project config: a project has no tokens and no roots") {
  const auto all = parse_cargo_file(kCargo);
  REQUIRE(all.has_value());
  CHECK(all->tokens.at("own") == "secret");
  CHECK(all->ca_file == "ca.pem");
  const auto project = read_project_cargo_file(nullptr, kCargo);
  REQUIRE(project.has_value());
  CHECK(project->tokens.empty());
  CHECK(project->ca_file.empty());
  CHECK(project->indexes == all->indexes);
  CHECK(project->sources == all->sources);
}

TEST_CASE("project config: what no text of its size says is not believed") {
  const auto npm = [](const std::string& bytes, std::size_t size) {
    return npmrc_from_bytes(as_bytes(bytes), size).has_value();
  };
  const std::string values = npmrc_bytes({{"a", "true"}, {"b", "c"}});
  CHECK(npm(values, 5));
  CHECK_FALSE(npm(values, 1));  // more than it can hold
  CHECK_FALSE(npm(values + "x", 5));
  for (std::size_t n = 0; n < values.size(); ++n) CHECK_FALSE(npm(values.substr(0, n), 5));
  // Keys twice, or out of order, are none of a map.
  std::string twice = values;
  twice[twice.size() - 10] = 'a';
  CHECK_FALSE(npm(twice, 5));

  const auto cargo = [](const std::string& bytes, std::size_t size) {
    return cargo_file_from_bytes(as_bytes(bytes), size).has_value();
  };
  const std::string file = cargo_file_bytes(parse_cargo_file(kCargo));
  CHECK(cargo(file, 200));
  CHECK_FALSE(cargo(file, 20));
  for (std::size_t n = 0; n < file.size(); ++n) CHECK_FALSE(cargo(file.substr(0, n), 200));
  const std::string error = cargo_file_bytes(fail(Code::usage, "line 1: this is no TOML"));
  CHECK(cargo(error, 0));
  CHECK_FALSE(cargo(error + "x", 0));
  CHECK_FALSE(cargo(cargo_file_bytes(fail(Code::usage, std::string(1000, 'x'))), 2000));
}

TEST_CASE("project config: a worker that is lost leaves no settings that nobody gave") {
  test::TaskLost runner;
  PackageSettings settings;
  settings.project_files = {{{".npmrc", kNpm}, {".cargo/config.toml", kCargo}}};
  const auto npm = NpmConfig::load(settings, {}, &runner);
  REQUIRE_FALSE(npm.has_value());
  CHECK(npm.error().what == "configuration file .npmrc: it was lost twice");
  const auto cargo = CargoConfig::load(settings, {}, &runner);
  REQUIRE_FALSE(cargo.has_value());
  CHECK(cargo.error().what == "configuration file .cargo/config.toml: it was lost twice");
}
