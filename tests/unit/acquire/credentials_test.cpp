#include "acquire/credentials.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "acquire/credential_helper.h"
#include "base/base64.h"
#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

const std::string kSecret = "hunter22:with:colons";

// A home of its own, so that nothing of the machine is seen.
struct Home {
  test::TempDir dir;
  Environment environment;

  Home() {
    environment.variables = {{"HOME", dir.path() + "/home"},
                             {"XDG_RUNTIME_DIR", dir.path() + "/run"},
                             {"PATH", dir.path() + "/bin:/usr/bin:/bin"}};
    environment.user = 12345;
  }

  Result<FoundLogin> find(const std::string& reference, const Options& options = {}) const {
    return find_login(*parse_reference(reference), options, environment);
  }
  std::string user(const std::string& reference) const {
    const auto found = find(reference);
    if (!found) return "error: " + found.error().what;
    CHECK((found->login.username.empty() || found->login.password == kSecret));
    return found->login.username;
  }
  std::string error(const std::string& reference) const {
    const auto found = find(reference);
    if (found) return "no error";
    CHECK(found.error().what.find("hunter22") == std::string::npos);
    return found.error().what;
  }
  void helper(const std::string& name, const std::string& script) const {
    dir.write("bin/docker-credential-" + name, "#!/bin/sh\n" + script, 0755);
  }
};

std::string entry(const std::string& key, const std::string& user) {
  return "\"" + key + "\":{\"auth\":\"" + base64_encode(user + ":" + kSecret) + "\"}";
}

std::string auths(const std::string& entries) { return "{\"auths\":{" + entries + "}}"; }

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

}  // namespace

TEST_CASE("credentials: places are asked in the documented order, the first with an entry wins") {
  Home home;
  home.environment.variables["XDG_CONFIG_HOME"] = home.dir.path() + "/config";
  home.environment.variables["DOCKER_CONFIG"] = home.dir.path() + "/docker";
  const std::string key = "r.example";
  home.dir.write("home/.dockercfg", "{" + entry(key, "legacy") + "}");
  CHECK(home.user("r.example/x") == "legacy");
  home.dir.write("docker/config.json", auths(entry(key, "docker")));
  CHECK(home.user("r.example/x") == "docker");
  home.dir.write("config/containers/auth.json", auths(entry(key, "config")));
  CHECK(home.user("r.example/x") == "config");
  home.dir.write("run/containers/auth.json", auths(entry(key, "runtime")));
  CHECK(home.user("r.example/x") == "runtime");
  home.environment.variables["REGISTRY_AUTH_FILE"] =
      home.dir.write("named.json", auths(entry(key, "named")));
  CHECK(home.user("r.example/x") == "named");
  const auto found = home.find("r.example/x", {.username = "me", .password = kSecret});
  CHECK(found->login.username == "me");
  home.dir.write("named.json", auths(entry("other.example", "named")));
  CHECK(home.user("r.example/x") == "runtime");
}

TEST_CASE("credentials: without XDG variables the defaults below HOME are read") {
  Home home;
  home.dir.write("home/.docker/config.json", auths(entry("r.example", "docker")));
  CHECK(home.user("r.example/x") == "docker");
  home.dir.write("home/.config/containers/auth.json", auths(entry("r.example", "config")));
  CHECK(home.user("r.example/x") == "config");
}

TEST_CASE("credentials: a named file that is missing is an error, absent default files are not") {
  Home home;
  const auto found = home.find("r.example/x");
  REQUIRE(found.has_value());
  CHECK(found->login.empty());
  CHECK(found->places.size() == 4);
  CHECK(has(found->places[0], "/run/containers/auth.json (absent)"));
  home.environment.variables["REGISTRY_AUTH_FILE"] = home.dir.path() + "/nowhere.json";
  CHECK(has(home.error("r.example/x"), "nowhere.json"));
  CHECK(has(home.error("r.example/x"), "REGISTRY_AUTH_FILE"));
}

TEST_CASE("credentials: keys are understood in every spelling, and only for their own registry") {
  Home home;
  const auto with_key = [&](const std::string& key, const std::string& reference) {
    home.dir.write("home/.docker/config.json", auths(entry(key, "me")));
    return home.user(reference) == "me";
  };
  for (const char* key : {"https://index.docker.io/v1/", "index.docker.io", "docker.io",
                          "registry-1.docker.io", "https://index.docker.io/v2/"}) {
    CAPTURE(key);
    CHECK(with_key(key, "alpine"));
    CHECK_FALSE(with_key(key, "r.example/alpine"));
  }
  for (const char* key : {"r.example:5000", "https://r.example:5000", "http://r.example:5000/v2/",
                          "R.Example:5000", "r.example:5000/"}) {
    CAPTURE(key);
    CHECK(with_key(key, "r.example:5000/x"));
    CHECK_FALSE(with_key(key, "r.example/x"));
    CHECK_FALSE(with_key(key, "r.example:5001/x"));
  }
  CHECK_FALSE(with_key("r.example", "r.example.evil.example/x"));
  CHECK_FALSE(with_key("r.example", "evil-r.example/x"));
  CHECK_FALSE(with_key("r.example.evil.example", "r.example/x"));
  CHECK_FALSE(with_key("*.example", "r.example/x"));
}

TEST_CASE("credentials: of podman's keys with a path the longest that covers the repository wins") {
  Home home;
  home.dir.write("run/containers/auth.json",
                 auths(entry("r.example", "host") + "," + entry("r.example/team/app", "app") + "," +
                       entry("r.example/team", "team")));
  CHECK(home.user("r.example/team/app") == "app");
  CHECK(home.user("r.example/team/app/sub") == "app");
  CHECK(home.user("r.example/team/app2") == "team");
  CHECK(home.user("r.example/team2/app") == "host");
}

TEST_CASE("credentials: tokens, user with password, and padded auth are read") {
  Home home;
  home.dir.write("home/.docker/config.json",
                 R"({"auths":{"a.example":{"identitytoken":"idt"},
                     "b.example":{"registrytoken":"regt"},
                     "c.example":{"username":"me","password":")" +
                     kSecret + R"("},
                     "d.example":{"auth":")" +
                     base64_encode("me:" + kSecret + std::string(2, '\0')) + R"("},
                     "e.example":{}}})");
  CHECK(home.find("a.example/x")->login.identity_token == "idt");
  CHECK(home.find("b.example/x")->login.registry_token == "regt");
  CHECK(home.user("c.example/x") == "me");
  CHECK(home.user("d.example/x") == "me");
  CHECK(home.find("e.example/x")->login.empty());
}

TEST_CASE("credentials: a broken file is an error that names it and says what is wrong") {
  Home home;
  const auto problem = [&](const std::string& text) {
    home.dir.write("home/.docker/config.json", text);
    const std::string error = home.error("r.example/x");
    CHECK(has(error, ".docker/config.json"));
    return error;
  };
  CHECK(has(problem("{\"auths\":{\"r.example\":{\"password\":\"hunter22\""), "not JSON at byte"));
  CHECK(has(problem("[]"), "not a JSON object"));
  CHECK(has(problem("{\"auths\":[]}"), "'auths'"));
  CHECK(has(problem(auths("\"r.example\":{\"auth\":\"hunter22!\"}")), "not base64"));
  CHECK(has(problem(auths("\"r.example\":{\"auth\":\"" + base64_encode("hunter22") + "\"}")),
            "not user:password"));
  CHECK(has(problem(auths("\"r.example\":\"hunter22\"")), "not an object"));
  CHECK(has(problem("{\"auths\":{\"a\":{},\"a\":{}}}"), "repeated"));
  home.dir.write("home/.docker/config.json", "");
  CHECK(home.find("r.example/x")->login.empty());
}

TEST_CASE(
    "credentials: a helper gets the server's name and a small environment, and its answer is "
    "used") {
  Home home;
  home.environment.variables["AWS_REGION"] = "eu-1";
  home.environment.variables["MINESCAN_PASSWORD"] = kSecret;
  const std::string seen = home.dir.path() + "/seen";
  home.helper("mine", "{ echo \"$1\"; cat; echo; env; } > " + seen + "\n" +
                          "echo '{\"ServerURL\":\"x\",\"Username\":\"me\",\"Secret\":\"" + kSecret +
                          "\"}'\n");
  home.dir.write("home/.docker/config.json", "{\"credHelpers\":{\"r.example:5000\":\"mine\"}}");
  CHECK(home.user("r.example:5000/x") == "me");
  std::ifstream file(seen);
  std::ostringstream text;
  text << file.rdbuf();
  CHECK(text.str().starts_with("get\nr.example:5000\n"));
  CHECK(has(text.str(), "AWS_REGION=eu-1"));
  CHECK(text.str().find("hunter22") == std::string::npos);
  // Exact hosts only: the secret of the look-alike's name stays where it is.
  CHECK(home.find("r.example.evil.example:5000/x")->login.empty());
  CHECK(home.find("r.example/x")->login.empty());
}

TEST_CASE("credentials: credHelpers before credsStore before auths, and Hub by its old name") {
  Home home;
  home.helper("one",
              "cat > /dev/null; echo '{\"Username\":\"one\",\"Secret\":\"" + kSecret + "\"}'");
  home.helper("all",
              "read -r key; case $key in https://index.docker.io/v1/) "
              "echo '{\"Username\":\"<token>\",\"Secret\":\"idt\"}';; "
              "a.example|r.example) echo '{\"Username\":\"all\",\"Secret\":\"" +
                  kSecret +
                  "\"}';; *) echo credentials not found in native keychain; exit 1;; esac");
  home.dir.write("home/.docker/config.json",
                 "{\"credHelpers\":{\"r.example\":\"one\"},\"credsStore\":\"all\",\"auths\":{" +
                     entry("r.example", "auths") + "," + entry("b.example", "auths") + "}}");
  CHECK(home.user("r.example/x") == "one");
  CHECK(home.user("a.example/x") == "all");
  CHECK(home.user("b.example/x") == "auths");
  CHECK(home.find("alpine")->login.identity_token == "idt");
  CHECK(home.find("c.example/x")->login.empty());
}

TEST_CASE("credentials: a helper that fails is an error with its words but never its secret") {
  Home home;
  home.dir.write("home/.docker/config.json", "{\"credsStore\":\"bad\"}");
  CHECK(has(home.error("r.example/x"), "docker-credential-bad is not in"));
  home.helper("bad", "cat >/dev/null; echo 'the ring is \033[31mlocked'; exit 3");
  CHECK(has(home.error("r.example/x"), "the ring is \\x1b[31mlocked"));
  home.helper("bad", "cat >/dev/null; echo '{\"Secret\":\"hunter22\"}'; exit 3");
  CHECK(has(home.error("r.example/x"), "failed for r.example"));
  home.helper("bad", "cat >/dev/null; echo hunter22");
  CHECK(has(home.error("r.example/x"), "something else than a JSON object"));
  home.helper("bad", "exec 0<&-; exit 4");
  CHECK(has(home.error("r.example/x"), "failed for"));
  home.helper("bad", "cat >/dev/null; head -c 200000 /dev/zero | tr '\\0' a; exit 0");
  CHECK(has(home.error("r.example/x"), "docker-credential-bad"));
  home.dir.write("home/.docker/config.json", "{\"credsStore\":\"../../bin/sh\"}");
  CHECK(has(home.error("r.example/x"), "is not a name"));
}

TEST_CASE("credentials: a helper in a relative folder of PATH is not run") {
  Home home;
  home.helper("rel", "touch " + home.dir.path() + "/ran");
  home.environment.variables["PATH"] = "bin:.::" + std::string("../bin");
  const auto answer = ask_helper("rel", "r.example", home.environment);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Code::usage);
}

TEST_CASE("credentials: a helper that hangs is stopped with its children") {
  Home home;
  const std::string pid_file = home.dir.path() + "/pid";
  home.helper("slow", "sleep 60 & echo $! > " + pid_file + "; wait");
  const auto begin = std::chrono::steady_clock::now();
  const auto answer =
      ask_helper("slow", "r.example", home.environment, std::chrono::milliseconds(300));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  REQUIRE_FALSE(answer.has_value());
  CHECK(has(answer.error().what, "no answer"));
  pid_t child = 0;
  std::ifstream(pid_file) >> child;
  REQUIRE(child > 0);
  // Whoever adopts the child may take a moment to reap it; a zombie has no command line any more.
  std::string command = "?";
  for (int i = 0; i < 100 && !command.empty(); ++i) {
    std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
    command.clear();
    std::getline(file, command, '\0');
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(command.empty());
}
