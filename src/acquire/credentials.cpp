#include "acquire/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "acquire/credential_helper.h"
#include "base/base64.h"
#include "base/handle.h"
#include "base/json.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kFileLimit = std::size_t{4} << 20;
// The key under which Docker keeps Hub's login, and what its helpers know it by.
constexpr std::string_view kHubKey = "https://index.docker.io/v1/";

struct Place {
  std::string path;
  bool must_exist = false;
  bool legacy = false;  // the top level itself is the map of logins
};

std::vector<Place> places(const Environment& environment) {
  std::vector<Place> out;
  const std::string home = environment.get("HOME");
  const auto add = [&](const std::string& folder, const std::string& rest) {
    if (!folder.empty()) out.push_back({.path = folder + rest});
  };
  if (const std::string file = environment.get("REGISTRY_AUTH_FILE"); !file.empty()) {
    out.push_back({.path = file, .must_exist = true});
  }
  const std::string runtime = environment.get("XDG_RUNTIME_DIR");
  add(runtime.empty() ? "/run/containers/" + std::to_string(environment.user)
                      : runtime + "/containers",
      "/auth.json");
  const std::string config = environment.get("XDG_CONFIG_HOME");
  add(config.empty() && !home.empty() ? home + "/.config" : config, "/containers/auth.json");
  const std::string docker = environment.get("DOCKER_CONFIG");
  add(docker.empty() && !home.empty() ? home + "/.docker" : docker, "/config.json");
  if (!home.empty()) out.push_back({.path = home + "/.dockercfg", .legacy = true});
  return out;
}

tl::unexpected<Error> broken(const std::string& path, const std::string& problem) {
  return fail(Code::usage, "credentials file " + printable(path) + ": " + problem);
}

// nullopt when it is absent.
Result<std::optional<std::string>> read(const std::string& path) {
  // O_NONBLOCK: a FIFO must not hold us.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>();
    return broken(path, std::string("cannot be opened: ") + std::strerror(errno));
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return broken(path, "is not a regular file");
  }
  std::string text;
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n == 0) return std::optional(std::move(text));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return broken(path, std::string("cannot be read: ") + std::strerror(errno));
    text.append(buffer.data(), static_cast<std::size_t>(n));
    if (text.size() > kFileLimit) return broken(path, "is longer than 4 MiB");
  }
}

// How many characters of "registry/repository" a key of `auths` covers; 0 when it is another's.
// Docker writes "host", older ones "https://host/v1/"; podman also "host/team" and
// "host/team/app".
std::size_t covers(std::string_view key, const Reference& reference) {
  bool from_url = false;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) {
      key.remove_prefix(scheme.size());
      from_url = true;
      break;
    }
  }
  const auto slash = key.find('/');
  const std::string host = registry_key(key.substr(0, slash));
  if (host != reference.registry) return 0;
  std::string_view path = slash == std::string_view::npos ? "" : key.substr(slash + 1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty() || path == "v1" || path == "v2" || from_url) return host.size();
  const std::string& repository = reference.repository;
  const bool inside = repository.starts_with(path) &&
                      (repository.size() == path.size() || repository[path.size()] == '/');
  return inside ? host.size() + 1 + path.size() : 0;
}

Result<Login> read_entry(const std::string& path, const std::string& key, const Json& entry) {
  const auto wrong = [&](const std::string& what) {
    return broken(path, "the entry for '" + printable(key, 300) + "' " + what);
  };
  if (!entry.is_object()) return wrong("is not an object");
  Login login;
  login.username = json_string(entry, "username");
  login.password = json_string(entry, "password");
  login.identity_token = json_string(entry, "identitytoken");
  login.registry_token = json_string(entry, "registrytoken");
  if (const std::string auth = json_string(entry, "auth"); !auth.empty()) {
    auto decoded = base64_decode(auth);
    if (!decoded) return wrong("has an 'auth' that is not base64");
    while (decoded->ends_with('\0')) decoded->pop_back();
    const auto colon = decoded->find(':');
    if (colon == std::string::npos) return wrong("has an 'auth' that is not user:password");
    login.username = decoded->substr(0, colon);
    login.password = decoded->substr(colon + 1);
  }
  return login;
}

Result<Login> from_auths(const std::string& path, const Json& auths, const Reference& reference) {
  std::size_t best = 0;
  Login login;
  for (const auto& [key, entry] : auths.items()) {
    const std::size_t covered = covers(key, reference);
    if (covered <= best) continue;
    MINESCAN_TRY_ASSIGN(Login found, read_entry(path, key, entry));
    // An empty entry says that a helper keeps the login.
    if (found.empty()) continue;
    login = std::move(found);
    best = covered;
  }
  return login;
}

// The helper that the file names for the registry: credHelpers (exact host), else credsStore.
std::string helper_for(const Json& file, const Reference& reference) {
  if (const auto helpers = file.find("credHelpers");
      helpers != file.end() && helpers->is_object()) {
    for (const auto& [key, suffix] : helpers->items()) {
      std::string_view host = key;
      if (host == kHubKey) host = "docker.io";
      if (registry_key(host) == reference.registry && suffix.is_string()) {
        return suffix.get<std::string>();
      }
    }
  }
  return json_string(file, "credsStore");
}

Result<Login> from_file(const Place& place, const std::string& text, const Reference& reference,
                        const Environment& environment) {
  auto json = parse_json(as_bytes(text), {.bytes = kFileLimit});
  if (!json) return broken(place.path, json.error().what);
  if (!json->is_object()) return broken(place.path, "is not a JSON object");
  if (place.legacy) return from_auths(place.path, *json, reference);
  if (const std::string helper = helper_for(*json, reference); !helper.empty()) {
    const std::string server =
        reference.registry == "docker.io" ? std::string(kHubKey) : reference.registry;
    auto login = ask_helper(helper, server, environment);
    if (!login) return fail(login.error().code, place.path + ": " + login.error().what);
    if (login->has_value()) return std::move(**login);
  }
  const auto auths = json->find("auths");
  if (auths == json->end() || auths->is_null()) return Login{};
  if (!auths->is_object()) return broken(place.path, "'auths' is not an object");
  return from_auths(place.path, *auths, reference);
}

}  // namespace

Result<FoundLogin> find_login(const Reference& reference, const Options& options,
                              const Environment& environment) {
  FoundLogin found;
  if (!options.registry_token.empty() || options.username) {
    found.login = {.username = options.username.value_or(""),
                   .password = options.password,
                   .registry_token = options.registry_token};
    found.places.emplace_back("the command line");
    return found;
  }
  for (const Place& place : places(environment)) {
    MINESCAN_TRY_ASSIGN(const std::optional<std::string> text, read(place.path));
    const std::string shown = printable(place.path);
    if (!text) {
      if (place.must_exist) {
        return broken(place.path, "does not exist, but REGISTRY_AUTH_FILE names it");
      }
      found.places.push_back(shown + " (absent)");
      continue;
    }
    if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
      found.places.push_back(shown + " (empty)");
      continue;
    }
    MINESCAN_TRY_ASSIGN(Login login, from_file(place, *text, reference, environment));
    if (!login.empty()) {
      found.login = std::move(login);
      found.places.push_back(shown);
      return found;
    }
    found.places.push_back(shown + " (no entry for " + reference.registry + ")");
  }
  return found;
}

}  // namespace minescan::acquire
