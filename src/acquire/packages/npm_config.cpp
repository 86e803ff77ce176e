#include "acquire/packages/npm_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "acquire/packages/config_file.h"
#include "acquire/packages/npmrc.h"
#include "acquire/packages/project_config.h"
#include "acquire/quoted.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

constexpr std::string_view kProjectFile = ".npmrc";
constexpr std::string_view kScopedRegistry = ":registry";

// The folder of npm itself: beside the program on $PATH, or below the prefix of node.
std::vector<std::string> npm_folders(const Environment& environment) {
  const std::string path = environment.get("PATH");
  std::vector<std::string> folders;
  if (const std::string npm = program_path("npm", path); !npm.empty()) {
    folders.push_back(parent_folder(parent_folder(npm)));  // …/npm/bin/npm-cli.js
  }
  if (const std::string node = program_path("node", path); !node.empty()) {
    folders.push_back(parent_folder(parent_folder(node)) + "/lib/node_modules/npm");
  }
  return folders;
}

std::string node_prefix(const Environment& environment) {
  if (std::string prefix = environment.get("PREFIX"); !prefix.empty()) return prefix;
  return parent_folder(parent_folder(program_path("node", environment.get("PATH"))));
}

std::optional<Url> installed_default(const std::vector<std::string>& folders) {
  // npm 9 and later, the same as Debian divides it, npm 7 and 8.
  static constexpr std::array<std::string_view, 3> kDefinitions = {
      "/node_modules/@npmcli/config/lib/definitions/definitions.js",
      "/../@npmcli/config/lib/definitions/definitions.js", "/lib/utils/config/definitions.js"};
  for (const std::string& folder : folders) {
    for (const std::string_view file : kDefinitions) {
      const auto text = read_config(folder + std::string(file));
      if (!text || !*text) continue;
      if (auto url = parse_url(default_npm_registry(**text))) return std::move(*url);
    }
  }
  return std::nullopt;
}

Result<Url> folder_url(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return parse_url(text + "/");
}

bool is_registry_key(std::string_view key) {
  return key == "registry" || (key.starts_with('@') && key.ends_with(kScopedRegistry));
}

}  // namespace

std::string default_npm_registry(std::string_view definitions) {
  constexpr std::string_view kDefinition = "('registry', {";
  constexpr std::string_view kDefault = "default: '";
  constexpr std::size_t kNear = 200;
  const auto at = definitions.find(kDefinition);
  if (at == std::string_view::npos) return {};
  const std::string_view near = definitions.substr(at + kDefinition.size(), kNear);
  const auto begin = near.find(kDefault);
  if (begin == std::string_view::npos) return {};
  const std::string_view value = near.substr(begin + kDefault.size());
  const auto end = value.find('\'');
  if (end == std::string_view::npos || !value.starts_with("https://")) return {};
  return std::string(value.substr(0, end));
}

Result<NpmConfig> NpmConfig::load(const PackageSettings& settings, const Environment& environment,
                                  TaskRunner* tasks) {
  NpmConfig config;
  config.environment_ = environment;
  if (!settings.npm_registry.empty()) {
    config.layers_.push_back({"--npm-registry", false, {{"registry", settings.npm_registry}}});
  }
  config.add_environment();

  const std::string home = environment.get("HOME");
  const auto named = config.find("userconfig");
  const std::string user = named ? named->value : home.empty() ? "" : home + "/.npmrc";
  std::error_code absent;
  // In the home folder the project's file is the user's own.
  const bool same = !settings.project_files && !user.empty() &&
                    std::filesystem::equivalent(user, kProjectFile, absent);
  if (!same) MINESCAN_TRY(config.add_project(settings, tasks));
  if (!user.empty()) MINESCAN_TRY(config.add_file(user));
  const auto global = config.find("globalconfig", false);
  const auto prefix = config.find("prefix", false);
  if (global) {
    MINESCAN_TRY(config.add_file(global->value));
  } else if (const std::string folder = prefix ? prefix->value : node_prefix(environment);
             !folder.empty()) {
    MINESCAN_TRY(config.add_file(folder + "/etc/npmrc"));
  }
  const std::vector<std::string> folders = npm_folders(environment);
  if (!folders.empty()) MINESCAN_TRY(config.add_file(folders.front() + "/npmrc"));
  config.default_registry_ = installed_default(folders);
  config.note_own_hosts();
  return config;
}

// As npm: any case, '_' is '-' but at the start and in keys of credentials.
void NpmConfig::add_environment() {
  constexpr std::string_view kPrefix = "npm_config_";
  Layer layer{.name = "the environment"};
  for (const auto& [name, value] : environment_.variables) {
    if (value.empty() || !lower(name).starts_with(kPrefix)) continue;
    std::string key = name.substr(kPrefix.size());
    if (!key.starts_with("//")) {
      key = lower(key);
      for (std::size_t i = 1; i < key.size(); ++i) key[i] = key[i] == '_' ? '-' : key[i];
    }
    layer.values[key] = value;
  }
  layers_.push_back(std::move(layer));
}

Result<void> NpmConfig::add_project(const PackageSettings& settings, TaskRunner* tasks) {
  std::optional<std::string> text;
  if (settings.project_files) {
    const auto at = settings.project_files->find(std::string(kProjectFile));
    if (at != settings.project_files->end()) text = at->second;
  } else {
    MINESCAN_TRY_ASSIGN(text, read_config(std::string(kProjectFile)));
  }
  if (!text) return {};
  auto values = read_project_npmrc(tasks, *text);
  if (!values) {
    return fail(values.error().code,
                "configuration file " + std::string(kProjectFile) + ": " + values.error().what);
  }
  layers_.push_back({std::string(kProjectFile), true, std::move(*values)});
  return {};
}

Result<void> NpmConfig::add_file(const std::string& path) {
  MINESCAN_TRY_ASSIGN(const std::optional<std::string> text, read_config(path));
  if (!text) return {};
  Layer layer{.name = path};
  for (auto& [key, value] : parse_npmrc(*text)) {
    layer.values[expand_variables(key, environment_)] = value;
  }
  layers_.push_back(std::move(layer));
  return {};
}

void NpmConfig::note_own_hosts() {
  if (default_registry_) own_hosts_.insert(default_registry_->authority());
  for (const Layer& layer : layers_) {
    if (layer.project) continue;
    for (const auto& [key, value] : layer.values) {
      if (!is_registry_key(key)) continue;
      if (const auto url = folder_url(expand_variables(value, environment_))) {
        own_hosts_.insert(url->authority());
      }
    }
  }
}

// Expanded, except what the project wrote.
std::optional<NpmConfig::Found> NpmConfig::find(const std::string& key, bool with_project) const {
  for (const Layer& layer : layers_) {
    if (layer.project && !with_project) continue;
    const auto at = layer.values.find(key);
    if (at == layer.values.end() || at->second == "null" || at->second.empty()) continue;
    return Found{&layer, layer.project ? at->second : expand_variables(at->second, environment_)};
  }
  return std::nullopt;
}

Result<Url> NpmConfig::registry_url(const Found& found) const {
  std::string value = found.value;
  if (found.layer->project && has_variables(value)) {
    const bool whole = value.starts_with("${") && value.find('}') == value.size() - 1;
    if (!whole) {
      return fail(Code::usage,
                  "the project's .npmrc puts a variable of the environment into a registry's URL, "
                  "which could send a secret away; name the registry with --npm-registry");
    }
    value = expand_variables(value, environment_);
  }
  auto url = folder_url(value);
  if (!url) {
    return fail(Code::usage, "the npm registry named by " + printable(found.layer->name, 300) +
                                 " is " + url.error().what);
  }
  return url;
}

Result<Url> NpmConfig::registry(std::string_view package) const {
  if (package.starts_with('@')) {
    std::string key(package.substr(0, package.find('/')));
    key += kScopedRegistry;
    auto scoped = find(key);
    if (!scoped) scoped = find(lower(key));  // the environment has no upper case
    if (scoped) return registry_url(*scoped);
  }
  if (const auto found = find("registry")) return registry_url(*found);
  if (default_registry_) return *default_registry_;
  return fail(Code::usage,
              "no npm registry is configured and npm is not installed; name one with "
              "--npm-registry URL, or as 'registry=URL' in ~/.npmrc");
}

// A project's credential out of the environment only goes to hosts that the user knows.
std::string NpmConfig::credential(const std::string& key, const Url& url) const {
  const auto found = find(key);
  if (!found) return {};
  std::string value = found->value;
  if (found->layer->project && has_variables(value)) {
    if (!own_hosts_.contains(url.authority())) return {};
    value = expand_variables(value, environment_);
  }
  // A variable that is not set is no credential, and a line break would be another header.
  const bool usable = !has_variables(value) && std::none_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  return usable ? value : std::string();
}

std::string NpmConfig::authorization(const Url& url) const {
  std::string key = "//" + url.authority() + url.path;
  while (key.size() > 2) {
    if (const std::string token = credential(key + ":_authToken", url); !token.empty()) {
      return "Bearer " + token;
    }
    if (const std::string basic = credential(key + ":_auth", url); !basic.empty()) {
      return "Basic " + basic;
    }
    const std::string user = credential(key + ":username", url);
    const auto password = base64_decode(credential(key + ":_password", url));
    if (!user.empty() && password && !password->empty()) {
      return "Basic " + base64_encode(user + ":" + *password);
    }
    // "//host/a/b" goes on as "//host/a/", then "//host/a".
    if (key.ends_with('/')) {
      key.pop_back();
    } else {
      key.erase(key.rfind('/') + 1);
    }
  }
  return {};
}

bool NpmConfig::is_default(const Url& url) const {
  return default_registry_ && url.host == default_registry_->host;
}

Url NpmConfig::effective(const Url& url, const Url& registry) const {
  if (!is_default(url) || url.same_origin(registry)) return url;
  std::string path = url.path;
  path.erase(0, path.find_first_not_of('/'));
  return resolve_url(registry, registry.path + path).value_or(url);
}

std::string NpmConfig::login_advice(const Url& registry) {
  return "a token for it is '//" + printable(registry.authority() + registry.path, 300) +
         ":_authToken=TOKEN' in ~/.npmrc";
}

bool NpmConfig::strict_ssl() const {
  const auto found = find("strict-ssl", false);
  return !found || found->value != "false";
}

std::string NpmConfig::ca_file() const {
  const auto found = find("cafile", false);
  if (!found || found->value == "false") return {};
  std::string path = found->value;
  if (path.starts_with("~/")) path.replace(0, 1, environment_.get("HOME"));
  return path;
}

}  // namespace minescan::acquire
