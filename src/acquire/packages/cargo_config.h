#pragma once
// Where crates come from, as Cargo itself would have it.
//
// In order: --cargo-index; CARGO_REGISTRIES_CRATES_IO_INDEX; [source.crates-io] replace-with, with
// [source.X] or [registries.X], of the project's .cargo/config.toml, then of
// $CARGO_HOME/config.toml (~/.cargo); in the end the public index.  Only sparse indexes are read.
//
// Tokens (CARGO_REGISTRIES_X_TOKEN, [registries.X] token in $CARGO_HOME's config.toml and
// credentials.toml) go to the origin of the index that the user's own configuration has under that
// name; a project cannot give another index a name that has a token.  Credential providers are not
// run.  Tested by cargo_config_test.cpp.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acquire/acquire.h"
#include "acquire/environment.h"
#include "acquire/packages/index_url.h"
#include "acquire/packages/project_config.h"
#include "base/result.h"

namespace minescan::acquire {

class CargoConfig {
 public:
  // `tasks` reads what the project says; nullptr = it is read here.  Code::usage: a file that is
  // there and cannot be read or is no TOML.
  static Result<CargoConfig> load(const PackageSettings& settings, const Environment& environment,
                                  TaskRunner* tasks = nullptr);

  // The index of crates that no lockfile gives another one.  Code::unsupported for a git index and
  // for local folders, Code::usage for what is no URL or leads in circles.
  [[nodiscard]] Result<Url> index() const;

  // The index that Cargo.lock names as "registry+…" or "sparse+…"; "" is the
  // configured one.
  [[nodiscard]] Result<Url> index_of(const std::string& source) const;

  // The user's own configuration has it, or --cargo-index names it.
  [[nodiscard]] bool knows(const Url& index) const;

  // The header for a URL, or "".
  [[nodiscard]] std::string authorization(const Url& url) const;

  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }  // http.cainfo

 private:
  Result<void> add_user_file(const std::string& path);
  void add_environment(const Environment& environment);
  void note_tokens();
  [[nodiscard]] std::optional<CargoSource> source(const std::string& name) const;
  [[nodiscard]] std::string registry_index(const std::string& name) const;

  std::string option_;
  std::vector<CargoFile> files_;                       // the first counts
  std::map<std::string, std::string> user_indexes_;    // by the registry's name
  std::map<std::string, std::string> tokens_;          // by the registry's name
  std::map<std::string, std::string> authorizations_;  // by the origin "https://host:port"
  std::string ca_file_;
};

}  // namespace minescan::acquire
