#include "acquire/packages/npm_config.h"

#include <doctest/doctest.h>

#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

// A machine of its own: nothing of the real one is seen.
struct Machine {
  test::TempDir dir;
  Environment environment;
  PackageSettings settings;

  Machine() {
    environment.variables = {{"HOME", dir.path() + "/home"}, {"PATH", dir.path() + "/bin"}};
    settings.project_files.emplace();
  }
  void set(const std::string& name, const std::string& value) {
    environment.variables[name] = value;
  }
  void project(const std::string& text) { (*settings.project_files)[".npmrc"] = text; }
  void user(const std::string& text) const { dir.write("home/.npmrc", text); }

  // As it is when installed with node's own prefix.
  void install_npm(const std::string& registry) {
    const std::string npm = "lib/node_modules/npm/";
    dir.write(npm + "bin/npm-cli.js", "");
    dir.write(npm + "node_modules/@npmcli/config/lib/definitions/definitions.js",
              "const definitions = {\n  registry: new Definition('registry', {\n    default: '" +
                  registry + "',\n    type: url,\n");
    dir.write("bin/node", "");
    std::filesystem::create_symlink("../" + npm + "bin/npm-cli.js", dir.path() + "/bin/npm");
  }
  NpmConfig load() const {
    auto config = NpmConfig::load(settings, environment);
    if (!config) MESSAGE(config.error().what);
    REQUIRE(config.has_value());
    return std::move(*config);
  }
  std::string registry(const std::string& package = "shop") const {
    const auto url = load().registry(package);
    return url ? url->text : "error: " + url.error().what;
  }
  std::string authorization(const std::string& url) const {
    return load().authorization(*parse_url(url));
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("npm config: option, environment, project, user, global, npm's own, in this order") {
  Machine machine;
  CHECK(has(machine.registry(), "--npm-registry"));
  machine.install_npm("https://default.example/");
  CHECK(machine.registry() == "https://default.example/");
  machine.dir.write("lib/node_modules/npm/npmrc", "registry=https://builtin.example");
  CHECK(machine.registry() == "https://builtin.example/");
  machine.dir.write("etc/npmrc", "registry=https://global.example");
  CHECK(machine.registry() == "https://global.example/");
  machine.user("registry=https://user.example/npm");
  CHECK(machine.registry() == "https://user.example/npm/");
  machine.project("registry=https://project.example");
  CHECK(machine.registry() == "https://project.example/");
  machine.set("Npm_Config_Registry", "https://environment.example");
  CHECK(machine.registry() == "https://environment.example/");
  machine.settings.npm_registry = "https://option.example//";
  CHECK(machine.registry() == "https://option.example/");
}

TEST_CASE("npm config: other places for the user's and the global file are npm's") {
  Machine machine;
  machine.set("npm_config_userconfig", machine.dir.write("u", "registry=https://u.example"));
  machine.set("NPM_CONFIG_GLOBALCONFIG", machine.dir.write("g", "@g:registry=https://g.example"));
  CHECK(machine.registry() == "https://u.example/");
  CHECK(machine.registry("@g/shop") == "https://g.example/");
  machine.dir.write("prefix/etc/npmrc", "@p:registry=https://p.example");
  machine.environment.variables.erase("NPM_CONFIG_GLOBALCONFIG");
  machine.set("npm_config_prefix", machine.dir.path() + "/prefix");
  CHECK(machine.registry("@p/shop") == "https://p.example/");
}

TEST_CASE("npm config: scopes have registries of their own, and the rest has the default") {
  Machine machine;
  machine.user("registry=https://npm.example\n@Team:registry=https://team.example/x/\n");
  machine.set("npm_config_@env:registry", "https://env.example");
  CHECK(machine.registry("@Team/shop") == "https://team.example/x/");
  CHECK(machine.registry("@env/shop") == "https://env.example/");
  CHECK(machine.registry("@other/shop") == "https://npm.example/");
  CHECK(machine.registry("Team") == "https://npm.example/");
}

TEST_CASE("npm config: a credential covers its host and path and nothing that looks alike") {
  Machine machine;
  machine.user(
      "//npm.example/:_authToken=root\n//npm.example/team/:_authToken=team\n"
      "//port.example:8443/:_auth=dTpw\n"
      "//pass.example/a/:username=reader\n//pass.example/a/:_password=czp3\n"
      "_authToken=nowhere\n//absent.example/:_authToken=${ABSENT}\n"
      "//variable.example/:_authToken=${TOKEN}\n");
  machine.set("TOKEN", "secret");
  machine.set("npm_config_//env.example/:_authToken", "environment");
  CHECK(machine.authorization("https://npm.example/shop") == "Bearer root");
  CHECK(machine.authorization("https://npm.example/team/shop") == "Bearer team");
  CHECK(machine.authorization("https://npm.example/teammate/shop") == "Bearer root");
  CHECK(machine.authorization("https://npm.example:8443/shop").empty());
  CHECK(machine.authorization("https://npm.example.evil.example/shop").empty());
  CHECK(machine.authorization("https://evilnpm.example/shop").empty());
  CHECK(machine.authorization("https://port.example:8443/x") == "Basic dTpw");
  CHECK(machine.authorization("https://port.example/x").empty());
  CHECK(machine.authorization("https://pass.example/a/b") == "Basic cmVhZGVyOnM6dw==");
  CHECK(machine.authorization("https://pass.example/b").empty());
  CHECK(machine.authorization("https://absent.example/").empty());
  CHECK(machine.authorization("https://variable.example/") == "Bearer secret");
  CHECK(machine.authorization("https://env.example/") == "Bearer environment");
  CHECK(machine.authorization("https://other.example/").empty());
}

TEST_CASE("npm config: a line break in a token is no second header") {
  Machine machine;
  machine.user("//npm.example/:_authToken=${TOKEN}");
  machine.set("TOKEN", "a\r\nX-Evil: 1");
  CHECK(machine.authorization("https://npm.example/").empty());
}

TEST_CASE("npm config: a project cannot carry the environment to a host of its choice") {
  Machine machine;
  machine.set("SECRET", "secret");
  machine.set("MIRROR", "https://mirror.example/");
  machine.user("registry=https://npm.example");
  machine.project(
      "//npm.example/:_authToken=${SECRET}\n//evil.example/:_authToken=${SECRET}\n"
      "//literal.example/:_authToken=project\n//${SECRET}.example/:_authToken=x\n");
  CHECK(machine.authorization("https://npm.example/") == "Bearer secret");
  CHECK(machine.authorization("https://evil.example/").empty());
  CHECK(machine.authorization("https://literal.example/") == "Bearer project");
  CHECK(machine.authorization("https://secret.example/").empty());

  machine.project("registry=https://evil.example/${SECRET}/");
  CHECK(has(machine.registry(), "--npm-registry"));
  CHECK_FALSE(has(machine.registry(), "secret/"));
  machine.project("registry=${MIRROR}");
  CHECK(machine.registry() == "https://mirror.example/");
  machine.project("registry=${SECRET}");
  CHECK_FALSE(has(machine.registry(), "secret"));
}

TEST_CASE("npm config: strict-ssl and cafile count in the user's files, not in the project's") {
  Machine machine;
  machine.user("registry=https://npm.example");
  machine.project("strict-ssl=false\ncafile=/evil.pem\n");
  CHECK(machine.load().strict_ssl());
  CHECK(machine.load().ca_file().empty());
  machine.user("strict-ssl = false\ncafile=~/ca.pem");
  CHECK_FALSE(machine.load().strict_ssl());
  CHECK(machine.load().ca_file() == machine.dir.path() + "/home/ca.pem");
}

TEST_CASE("npm config: npm's default registry stands for the one that is configured") {
  Machine machine;
  machine.install_npm("https://default.example/");
  const auto effective = [&](const std::string& url) {
    const NpmConfig config = machine.load();
    return config.effective(*parse_url(url), *config.registry("shop")).text;
  };
  const std::string file = "https://default.example/shop/-/shop-1.0.0.tgz";
  CHECK(effective(file) == file);
  machine.settings.npm_registry = "https://mirror.example/npm";
  CHECK(effective(file) == "https://mirror.example/npm/shop/-/shop-1.0.0.tgz");
  CHECK(effective("http://default.example/shop/-/shop-1.0.0.tgz") ==
        "https://mirror.example/npm/shop/-/shop-1.0.0.tgz");
  CHECK(effective("https://other.example/shop.tgz") == "https://other.example/shop.tgz");
}

TEST_CASE("npm config: the default is read out of npm's definitions, old and new") {
  CHECK(default_npm_registry("define('registry', {\n  default: 'https://a.example/',\n") ==
        "https://a.example/");
  for (const char* other : {"", "('registry', {", "('registry', { default: null, type: url }",
                            "('registry', { default: 'http://a.example/'",
                            "('registry', { default: 'https://a.example/",
                            "('replace-registry-host', { default: 'https://a.example/'"}) {
    CAPTURE(other);
    CHECK(default_npm_registry(other).empty());
  }
}

TEST_CASE("npm config: a file that cannot be read is an error and names the file") {
  Machine machine;
  std::filesystem::create_directories(machine.dir.path() + "/home/.npmrc");
  const auto config = NpmConfig::load(machine.settings, machine.environment);
  REQUIRE_FALSE(config.has_value());
  CHECK(config.error().code == Code::usage);
  CHECK(has(config.error().what, ".npmrc"));
}

TEST_CASE("npm config: an npm that lies in a project's node_modules is not npm") {
  Machine machine;
  machine.install_npm("https://evil.example/");
  machine.dir.write("project/node_modules/.bin/x", "");
  std::filesystem::create_symlink("../../../lib/node_modules/npm/bin/npm-cli.js",
                                  machine.dir.path() + "/project/node_modules/.bin/npm");
  machine.set("PATH", machine.dir.path() + "/project/node_modules/.bin:bin:.");
  CHECK(has(machine.registry(), "--npm-registry"));
}
