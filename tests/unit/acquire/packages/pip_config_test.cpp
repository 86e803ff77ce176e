#include "acquire/packages/pip_config.h"

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
    environment.variables = {{"HOME", dir.path() + "/home"},
                             {"XDG_CONFIG_DIRS", dir.path() + "/xdg"}};
  }
  void set(const std::string& name, const std::string& value) {
    environment.variables[name] = value;
  }
  Result<PipConfig> load() const { return load_pip_config(settings, environment); }
  std::string index() const {
    const auto config = load();
    return config ? config->index.url.text : "error: " + config.error().what;
  }
};

std::string conf(const std::string& host) {
  return "[global]\nindex-url = https://" + host + ".example/simple\n";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("pip config: option, environment, named file, site, user, global, in this order") {
  Machine machine;
  CHECK(has(machine.index(), "/simple/"));
  machine.dir.write("xdg/pip/pip.conf", conf("global"));
  CHECK(machine.index() == "https://global.example/simple/");
  machine.dir.write("home/.pip/pip.conf", conf("legacy"));
  CHECK(machine.index() == "https://legacy.example/simple/");
  machine.dir.write("home/.config/pip/pip.conf", conf("user"));
  CHECK(machine.index() == "https://user.example/simple/");
  machine.dir.write("venv/pip.conf", conf("site"));
  machine.set("VIRTUAL_ENV", machine.dir.path() + "/venv");
  CHECK(machine.index() == "https://site.example/simple/");
  machine.set("PIP_CONFIG_FILE", machine.dir.write("named.conf", conf("named")));
  CHECK(machine.index() == "https://named.example/simple/");
  machine.set("UV_DEFAULT_INDEX", "https://uv.example/simple");
  CHECK(machine.index() == "https://uv.example/simple/");
  machine.set("PIP_INDEX_URL", "https://environment.example/simple");
  CHECK(machine.index() == "https://environment.example/simple/");
  machine.settings.pypi_index = "https://option.example/simple/";
  CHECK(machine.index() == "https://option.example/simple/");
}

TEST_CASE("pip config: /dev/null as PIP_CONFIG_FILE means no file at all") {
  Machine machine;
  machine.dir.write("home/.config/pip/pip.conf", conf("user"));
  machine.set("PIP_CONFIG_FILE", "/dev/null");
  CHECK_FALSE(has(machine.index(), "user.example"));
}

TEST_CASE("pip config: a login in a URL is a header for its origin and stands nowhere else") {
  Machine machine;
  machine.set("PIP_INDEX_URL", "https://us%40er:s%3Aecret@pypi.example:8443/simple");
  const auto config = machine.load();
  REQUIRE(config.has_value());
  CHECK(config->index.url.text == "https://pypi.example:8443/simple/");
  const auto header = [&](const char* url) { return config->index.for_url(*parse_url(url)); };
  CHECK(header("https://pypi.example:8443/files/a.whl") == "Basic dXNAZXI6czplY3JldA==");
  for (const char* other : {"https://pypi.example/a.whl", "http://pypi.example:8443/a.whl",
                            "https://files.pypi.example:8443/a.whl"}) {
    CAPTURE(other);
    CHECK(header(other).empty());
  }
  machine.set("PIP_INDEX_URL", "ftp://user:secret@pypi.example/");
  CHECK(has(machine.index(), "error: "));
  CHECK_FALSE(has(machine.index(), "secret"));
}

TEST_CASE("pip config: no-index needs an index named by the user") {
  Machine machine;
  machine.set("PIP_NO_INDEX", "1");
  CHECK(has(machine.index(), "--pypi-index"));
  machine.settings.pypi_index = "https://option.example/simple";
  CHECK(machine.index() == "https://option.example/simple/");
}

TEST_CASE("pip config: extra indexes, trusted hosts and certificates") {
  Machine machine;
  machine.dir.write("home/.pip/pip.conf",
                    "[global]\nextra-index-url =\n    https://a.example/simple\n"
                    "  # no\n\thttps://b.example/simple\ntrusted-host: a.example b.example:8080\n"
                    "cert = /ca.pem\n");
  const auto config = machine.load();
  REQUIRE(config.has_value());
  REQUIRE(config->extra.size() == 2);
  CHECK(config->extra[1].url.text == "https://b.example/simple/");
  CHECK(config->unchecked_hosts == std::vector<std::string>{"a.example", "b.example:8080"});
  CHECK(config->ca_file == "/ca.pem");
}

TEST_CASE("pip config: of the sections only global and install count, install more") {
  const auto values = parse_pip_conf(
      "index-url=before any section\n[install]\nindex_url=install\n[global]\nINDEX-URL = global\n"
      "cert=c\n[download]\nindex-url=download\n;x\n[broken\nno delimiter\n");
  CHECK(values.at("index-url") == "install");
  CHECK(values.at("cert") == "c");
  CHECK(values.size() == 2);
}
