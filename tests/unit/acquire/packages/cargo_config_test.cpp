#include "acquire/packages/cargo_config.h"

#include <doctest/doctest.h>

#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

struct Machine {
  test::TempDir dir;
  Environment environment;
  PackageSettings settings;

  Machine() {
    environment.variables = {{"HOME", dir.path() + "/home"}};
    settings.project_files.emplace();
  }
  void set(const std::string& name, const std::string& value) {
    environment.variables[name] = value;
  }
  void project(const std::string& text) { (*settings.project_files)[".cargo/config.toml"] = text; }
  void user(const std::string& text) const { dir.write("home/.cargo/config.toml", text); }
  CargoConfig load() const {
    auto config = CargoConfig::load(settings, environment);
    if (!config) MESSAGE(config.error().what);
    REQUIRE(config.has_value());
    return std::move(*config);
  }
  std::string index(const std::string& source = "") const {
    const auto url = load().index_of(source);
    return url ? url->text : "error: " + url.error().what;
  }
  std::string authorization(const std::string& url) const {
    return load().authorization(*parse_url(url));
  }
};

std::string replaced(const std::string& host) {
  return "[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = "
         "\"sparse+https://" +
         host + ".example/\"\n";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("cargo config: option, environment, project, user, in this order") {
  Machine machine;
  CHECK(machine.index().starts_with("https://"));
  machine.user(replaced("user"));
  CHECK(machine.index() == "https://user.example/");
  machine.project(replaced("project"));
  CHECK(machine.index() == "https://project.example/");
  machine.settings.cargo_registry = "https://option.example/index";
  CHECK(machine.index() == "https://option.example/index/");
  machine.settings.cargo_registry = "sparse+https://option.example/";
  CHECK(machine.index() == "https://option.example/");
  Machine other;
  other.set("CARGO_REGISTRIES_CRATES_IO_INDEX", "sparse+https://environment.example/");
  CHECK(other.index() == "https://environment.example/");
  other.environment.variables.erase("CARGO_REGISTRIES_CRATES_IO_INDEX");
  other.dir.write("cargo/config.toml", replaced("home"));
  other.set("CARGO_HOME", other.dir.path() + "/cargo");
  CHECK(other.index() == "https://home.example/");
}

TEST_CASE("cargo config: a replacement may be a registry, and what cannot be read says so") {
  Machine machine;
  machine.user(
      "[source.crates-io]\nreplace-with = \"corp\"\n"
      "[registries.corp]\nindex = \"sparse+https://corp.example/index/\"\n");
  CHECK(machine.index() == "https://corp.example/index/");
  const auto check = [&](const std::string& text, const std::string& word) {
    machine.user(text);
    CAPTURE(text);
    CHECK(has(machine.index(), word));
    CHECK(has(machine.index(), "--cargo-index"));
  };
  check("[source.crates-io]\nreplace-with='v'\n[source.v]\ndirectory='vendor'", "vendor");
  check("[source.crates-io]\nreplace-with='g'\n[source.g]\nregistry='https://g.example/i'", "git");
  check("[source.crates-io]\nreplace-with='a'\n[source.a]\nreplace-with='crates-io'", "circles");
  check("[source.crates-io]\nreplace-with='none'", "none");
}

TEST_CASE("cargo config: the sources of lockfiles") {
  Machine machine;
  machine.user(replaced("mirror"));
  CHECK(machine.index("registry+https://git.example/rust-lang/crates.io-index") ==
        "https://mirror.example/");
  CHECK(machine.index("sparse+https://other.example/index/") == "https://other.example/index/");
  CHECK(has(machine.index("registry+https://git.example/corp/index"), "git index"));
  CHECK(machine.load().knows(*parse_url("https://mirror.example/")));
  CHECK_FALSE(machine.load().knows(*parse_url("https://other.example/")));
}

TEST_CASE("cargo config: a token goes to the index that the user gave its name") {
  Machine machine;
  machine.user("[registries.corp]\nindex = \"sparse+https://corp.example/\"\n");
  machine.dir.write("home/.cargo/credentials.toml", "[registries.corp]\ntoken = \"secret\"\n");
  machine.set("CARGO_REGISTRIES_MY_TEAM_INDEX", "sparse+https://team.example/");
  machine.set("CARGO_REGISTRIES_MY_TEAM_TOKEN", "other");
  machine.project("[registries.corp]\nindex = \"sparse+https://evil.example/\"\n");
  CHECK(machine.authorization("https://corp.example/de/mo/demo") == "secret");
  CHECK(machine.authorization("https://team.example/") == "other");
  CHECK(machine.authorization("https://evil.example/de/mo/demo").empty());
  CHECK(machine.authorization("http://corp.example/").empty());
  CHECK(machine.authorization("https://corp.example:444/").empty());
}

TEST_CASE("cargo config: a project's tokens and broken files are not taken") {
  Machine machine;
  machine.project("[registries.evil]\nindex='sparse+https://evil.example/'\ntoken='x'\n");
  CHECK(machine.authorization("https://evil.example/").empty());
  machine.user("[registry]\ntoken = \"secret\nx");
  const auto config = CargoConfig::load(machine.settings, machine.environment);
  REQUIRE_FALSE(config.has_value());
  CHECK(config.error().code == Code::usage);
  CHECK(has(config.error().what, "config.toml"));
  CHECK_FALSE(has(config.error().what, "secret"));
}
