#include "acquire/packages/cargo_config.h"

#include <algorithm>
#include <array>
#include <utility>

#include "acquire/packages/config_file.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

// The one place that knows the public index; used when nothing local says otherwise.
constexpr std::string_view kPublicIndex = "sparse+https://index.crates.io/";
constexpr std::string_view kSparse = "sparse+";
constexpr std::string_view kCratesIo = "crates-io";
constexpr int kReplacements = 8;
constexpr std::array<std::string_view, 2> kProjectFiles = {".cargo/config", ".cargo/config.toml"};

std::string origin(const Url& url) { return url.scheme + "://" + url.authority(); }

tl::unexpected<Error> in_file(const std::string& path, const Error& error) {
  // Of what is no TOML the line comes first.
  const char* then = error.code == Code::usage ? ", " : ": ";
  return fail(error.code, "configuration file " + printable(path, 300) + then + error.what);
}

Result<Url> sparse_url(std::string_view text, const std::string& place) {
  if (text.starts_with(kSparse)) {
    text.remove_prefix(kSparse.size());
  } else if (place != "--cargo-index") {
    return fail(Code::unsupported, "the index of crates named by " + printable(place, 300) +
                                       " is a git repository, which is not read; name a sparse "
                                       "index with --cargo-index URL");
  }
  auto url = parse_index_url(text);
  if (!url) {
    return fail(Code::usage, "the index of crates named by " + printable(place, 300) + " is " +
                                 url.error().what);
  }
  return std::move(url->url);
}

}  // namespace

Result<CargoConfig> CargoConfig::load(const PackageSettings& settings,
                                      const Environment& environment, TaskRunner* tasks) {
  CargoConfig config;
  config.option_ = settings.cargo_registry;
  config.add_environment(environment);
  for (const std::string_view name : kProjectFiles) {
    const std::string path(name);
    std::optional<std::string> text;
    if (settings.project_files) {
      const auto at = settings.project_files->find(path);
      if (at != settings.project_files->end()) text = at->second;
    } else {
      MINESCAN_TRY_ASSIGN(text, read_config(path));
    }
    if (!text) continue;
    auto file = read_project_cargo_file(tasks, *text);
    if (!file) return in_file(path, file.error());
    config.files_.push_back(std::move(*file));
    break;  // Cargo too reads the one without an ending when there are both
  }
  std::string home = environment.get("CARGO_HOME");
  if (home.empty() && !environment.get("HOME").empty()) home = environment.get("HOME") + "/.cargo";
  if (!home.empty()) {
    MINESCAN_TRY(config.add_user_file(home + "/config"));
    MINESCAN_TRY(config.add_user_file(home + "/config.toml"));
    MINESCAN_TRY(config.add_user_file(home + "/credentials"));
    MINESCAN_TRY(config.add_user_file(home + "/credentials.toml"));
  }
  config.note_tokens();
  return config;
}

// CARGO_REGISTRIES_MY_COMPANY_INDEX is the index of "my-company".
void CargoConfig::add_environment(const Environment& environment) {
  constexpr std::string_view kPrefix = "CARGO_REGISTRIES_";
  constexpr std::string_view kIndex = "_INDEX";
  constexpr std::string_view kToken = "_TOKEN";
  CargoFile file;
  for (const auto& [variable, value] : environment.variables) {
    if (!variable.starts_with(kPrefix) || value.empty()) continue;
    std::string name = variable.substr(kPrefix.size());
    const bool index = name.ends_with(kIndex);
    if (!index && !name.ends_with(kToken)) continue;
    name.resize(name.size() - kIndex.size());
    for (char& c : name) {
      c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (index) user_indexes_.emplace(name, value);
    (index ? file.indexes : tokens_).emplace(name, value);
  }
  if (const std::string token = environment.get("CARGO_REGISTRY_TOKEN"); !token.empty()) {
    tokens_.emplace(kCratesIo, token);
  }
  files_.push_back(std::move(file));
}

Result<void> CargoConfig::add_user_file(const std::string& path) {
  MINESCAN_TRY_ASSIGN(const std::optional<std::string> text, read_config(path));
  if (!text) return {};
  auto file = parse_cargo_file(*text);
  if (!file) return in_file(path, file.error());
  user_indexes_.insert(file->indexes.begin(), file->indexes.end());
  tokens_.insert(file->tokens.begin(), file->tokens.end());
  if (ca_file_.empty()) ca_file_ = file->ca_file;
  files_.push_back(std::move(*file));
  return {};
}

void CargoConfig::note_tokens() {
  for (const auto& [name, token] : tokens_) {
    const auto at = user_indexes_.find(name);
    const std::string index = at != user_indexes_.end() ? at->second
                              : name == kCratesIo       ? std::string(kPublicIndex)
                                                        : std::string();
    const bool one_line = std::none_of(token.begin(), token.end(), [](char c) {
      return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    const auto url = sparse_url(index, name);
    if (url && one_line) authorizations_.emplace(origin(*url), token);
  }
}

std::optional<CargoSource> CargoConfig::source(const std::string& name) const {
  for (const CargoFile& file : files_) {
    const auto at = file.sources.find(name);
    if (at != file.sources.end()) return at->second;
  }
  return std::nullopt;
}

std::string CargoConfig::registry_index(const std::string& name) const {
  for (const CargoFile& file : files_) {
    const auto at = file.indexes.find(name);
    if (at != file.indexes.end()) return at->second;
  }
  return {};
}

Result<Url> CargoConfig::index() const {
  if (!option_.empty()) return sparse_url(option_, "--cargo-index");
  std::string name(kCratesIo);
  for (int step = 0; step < kReplacements; ++step) {
    const auto found = source(name);
    if (found && !found->replace_with.empty()) {
      name = found->replace_with;
      continue;
    }
    const std::string place = "Cargo's configuration (" + name + ")";
    if (found && !found->registry.empty()) return sparse_url(found->registry, place);
    if (found && !found->folder.empty()) {
      return fail(Code::unsupported, printable(place, 300) + " takes crates from the folder '" +
                                         printable(found->folder, 200) +
                                         "'; scan that, or name an index with --cargo-index URL");
    }
    if (const std::string index = registry_index(name); !index.empty()) {
      return sparse_url(index, place);
    }
    if (name == kCratesIo) return sparse_url(kPublicIndex, "minescan");
    return fail(Code::usage, "Cargo's configuration replaces crates-io with '" +
                                 printable(name, 200) +
                                 "', which it does not define; name an index with --cargo-index "
                                 "URL");
  }
  return fail(Code::usage,
              "Cargo's configuration replaces crates-io in circles; name an index with "
              "--cargo-index URL");
}

Result<Url> CargoConfig::index_of(const std::string& source) const {
  constexpr std::string_view kGitIndex = "/crates.io-index";
  if (source.empty() || source.ends_with(kGitIndex) || source == kPublicIndex) return index();
  if (!source.starts_with(kSparse)) {
    return fail(Code::unsupported, "the registry in the lockfile, '" + printable(source, 300) +
                                       "', has a git index, which is not read");
  }
  return sparse_url(source, "the lockfile");
}

bool CargoConfig::knows(const Url& index) const {
  if (const auto own = this->index(); own && own->same_origin(index)) return true;
  return std::any_of(user_indexes_.begin(), user_indexes_.end(), [&](const auto& entry) {
    const auto url = sparse_url(entry.second, entry.first);
    return url && url->same_origin(index);
  });
}

std::string CargoConfig::authorization(const Url& url) const {
  const auto at = authorizations_.find(origin(url));
  return at == authorizations_.end() ? std::string() : at->second;
}

}  // namespace minescan::acquire
