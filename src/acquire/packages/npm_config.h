#pragma once
// Where npm packages come from, and with which token, as npm itself would have it.
//
// Of each key the first place that has it counts: --npm-registry; npm_config_* of the environment;
// .npmrc of the project; $npm_config_userconfig or ~/.npmrc; $npm_config_globalconfig or
// PREFIX/etc/npmrc; npmrc in npm's own folder; and for the registry what npm's own definitions say,
// because minescan has no registry built in.  npm is looked for on $PATH, and only read.
//
// The project's file is less trusted than the others, for a pull request may change it:
//  - its strict-ssl and cafile are ignored;
//  - its credentials go where their keys say, like all others, but one that takes a variable of the
//    environment is used only for a host that the user's own configuration (everything else in the
//    list) names as a registry, so that no file in a repository can send $ANYTHING anywhere;
//  - a registry of it may be one variable as a whole, but not contain one.
//
// No error and no message ever holds a credential.  Tested by npm_config_test.cpp.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "acquire/acquire.h"
#include "acquire/environment.h"
#include "acquire/url.h"
#include "base/result.h"

namespace minescan::acquire {

class NpmConfig {
 public:
  // `tasks` reads what the project says; nullptr = it is read here.  Code::usage: a file that is
  // there and cannot be read, a registry of the user that is no URL.
  static Result<NpmConfig> load(const PackageSettings& settings, const Environment& environment,
                                TaskRunner* tasks = nullptr);

  // The registry of a package, by its scope; the path ends with "/".  Code::usage, with how to name
  // one, when nobody does.
  [[nodiscard]] Result<Url> registry(std::string_view package) const;

  // The value of the Authorization header for a URL, or "": of the longest key that covers it.
  [[nodiscard]] std::string authorization(const Url& url) const;

  // A URL on npm's default registry stands for the registry of the package, as npm has it.
  [[nodiscard]] Url effective(const Url& url, const Url& registry) const;
  [[nodiscard]] bool is_default(const Url& url) const;

  // "put '//host/:_authToken=…' into ~/.npmrc".
  [[nodiscard]] static std::string login_advice(const Url& registry);

  [[nodiscard]] bool strict_ssl() const;
  [[nodiscard]] std::string ca_file() const;  // "" = none

 private:
  struct Layer {
    std::string name;  // for messages
    bool project = false;
    std::map<std::string, std::string> values;
  };
  struct Found {
    const Layer* layer = nullptr;
    std::string value;
  };

  [[nodiscard]] std::optional<Found> find(const std::string& key, bool with_project = true) const;
  [[nodiscard]] std::string credential(const std::string& key, const Url& url) const;
  [[nodiscard]] Result<Url> registry_url(const Found& found) const;
  Result<void> add_file(const std::string& path);
  Result<void> add_project(const PackageSettings& settings, TaskRunner* tasks);
  void add_environment();
  void note_own_hosts();

  Environment environment_;
  std::vector<Layer> layers_;            // the first counts
  std::set<std::string> own_hosts_;      // authorities of registries that the user names
  std::optional<Url> default_registry_;  // npm's own
};

// The default of `registry` in the JavaScript source in which npm defines its options; "" when it
// is not found.
std::string default_npm_registry(std::string_view definitions);

}  // namespace minescan::acquire
