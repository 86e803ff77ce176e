#include "acquire/packages/npm_registry.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "acquire/packages/config_file.h"
#include "acquire/packages/index_url.h"
#include "acquire/packages/integrity.h"
#include "acquire/packages/npm_config.h"
#include "acquire/packages/package_registry.h"
#include "acquire/packages/semver.h"
#include "acquire/quoted.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

// The longest abbreviated documents are some 20 MiB.
constexpr std::size_t kDocumentLimit = std::size_t{64} << 20;
constexpr std::size_t kNameLimit = 214;  // npm's own
constexpr std::size_t kDocumentsKept = 4;
constexpr std::string_view kAccept =
    "Accept: application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool is_name_part(std::string_view part) {
  // Old packages have names with !, *, ', ( and ).
  return !part.empty() && part.front() != '.' && std::all_of(part.begin(), part.end(), [](char c) {
    return is_unreserved(c) || std::string_view("!*'()").find(c) != std::string_view::npos;
  });
}

const Json* object_member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at != object.end() && at->is_object() ? &*at : nullptr;
}

std::vector<std::string> sorted_versions(const Json& versions) {
  std::vector<std::string> found;
  for (const auto& [version, ignored] : versions.items()) found.push_back(version);
  std::sort(found.begin(), found.end(),
            [](const std::string& a, const std::string& b) { return compare_semver(a, b) < 0; });
  return found;
}

// The version that a tag names, or the tag itself when it is none.
std::string tagged(const Json& document, const std::string& tag) {
  const Json* tags = object_member(document, "dist-tags");
  const std::string version = tags != nullptr ? json_string(*tags, tag.c_str()) : std::string();
  return version.empty() ? tag : version;
}

std::string newest(const Json& document, const std::vector<std::string>& versions) {
  if (std::string latest = tagged(document, "latest"); latest != "latest") return latest;
  const auto stable = std::find_if(versions.rbegin(), versions.rend(), [](const std::string& v) {
    return is_semver(v) && !is_prerelease(v);
  });
  if (stable != versions.rend()) return *stable;
  return versions.empty() ? std::string() : versions.back();
}

Error no_such_version(const std::string& what, const std::string& wanted, const std::string& latest,
                      const std::vector<std::string>& versions) {
  std::string text = what + " has no version or tag " + in_quotes(wanted, 100);
  if (wanted.find_first_of("^~<>=*| ") != std::string::npos) {
    text += " (ranges are not resolved: name one version)";
  }
  if (!latest.empty()) text += "; the latest is " + printable(latest, 60);
  const auto near = versions_near(versions, wanted, &compare_semver);
  if (!near.empty() && is_semver(wanted)) text += ", near it are " + listed_versions(near);
  return {Code::not_found, text};
}

class NpmRegistry final : public PackageRegistry, public std::enable_shared_from_this<NpmRegistry> {
 public:
  NpmRegistry(NpmConfig config, std::shared_ptr<Transfers> transfers, std::shared_ptr<Notes> notes)
      : config_(std::move(config)), transfers_(std::move(transfers)), notes_(std::move(notes)) {}

  Result<Release> release(const Dependency& dependency) override;

 private:
  // A registry's document of one package.
  struct Document {
    Json json;
    Url url;  // which answered
    AddressClass network = AddressClass::open;
  };

  Result<Release> by_url(const Dependency& dependency, const std::string& url);
  Result<Release> by_document(const Dependency& dependency, const Url& registry);
  Result<RemoteFile> by_convention(const Dependency& dependency, const Url& registry);
  Result<std::shared_ptr<const Document>> document(const Url& registry, const std::string& name);
  Result<Url> registry_of(const Dependency& dependency) const;
  [[nodiscard]] std::optional<AddressClass> leads(const Url& url, const std::string& package,
                                                  AddressClass from) const;
  [[nodiscard]] RemoteFile finished(RemoteFile file, const std::string& package,
                                    AddressClass from) const;

  const NpmConfig config_;
  const std::shared_ptr<Transfers> transfers_;
  const std::shared_ptr<Notes> notes_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Document>> documents_;  // by URL
};

Result<Release> NpmRegistry::release(const Dependency& dependency) {
  const PackageFile* promised = dependency.files.empty() ? nullptr : &dependency.files.front();
  const std::string url = promised != nullptr && !promised->url.empty()  ? promised->url
                          : dependency.source == Dependency::Source::url ? dependency.location
                                                                         : std::string();
  if (!url.empty()) return by_url(dependency, url);

  if (!is_npm_name(dependency.name)) {
    return fail(Code::usage, in_quotes(dependency.name, 300) + " is no name of an npm package");
  }
  MINESCAN_TRY_ASSIGN(const Url registry, registry_of(dependency));
  // Who knows version and digest need not read megabytes about the package first.
  if (promised != nullptr && !strongest(promised->integrity).empty() &&
      is_semver(dependency.version)) {
    MINESCAN_TRY_ASSIGN(RemoteFile file, by_convention(dependency, registry));
    Release release{.version = dependency.version, .transfers = transfers_};
    release.files.push_back(std::move(file));
    return release;
  }
  return by_document(dependency, registry);
}

// "NAME/-/NAME-VERSION.tgz", the name without its scope: where npm, pnpm and bun expect a tarball
// when the lockfile gives no URL.
Result<RemoteFile> NpmRegistry::by_convention(const Dependency& dependency, const Url& registry) {
  const std::string name = unit_name(Ecosystem::npm, dependency.name, dependency.version);
  const std::string base = dependency.name.substr(dependency.name.find('/') + 1);
  MINESCAN_TRY_ASSIGN(const Url url,
                      resolve_url(registry, registry.path + dependency.name + "/-/" + base + "-" +
                                                dependency.version + ".tgz"));
  RemoteFile file = finished(file_at(url, name, &dependency.files.front(), *notes_),
                             dependency.name, AddressClass::open);
  file.otherwise = [self = shared_from_this(), dependency, registry]() -> Result<RemoteFile> {
    MINESCAN_TRY_ASSIGN(Release release, self->by_document(dependency, registry));
    return std::move(release.files.front());
  };
  return file;
}

Result<Release> NpmRegistry::by_document(const Dependency& dependency, const Url& registry) {
  const PackageFile* promised = dependency.files.empty() ? nullptr : &dependency.files.front();
  MINESCAN_TRY_ASSIGN(const auto document, this->document(registry, dependency.name));
  const std::string what = unit_name(Ecosystem::npm, dependency.name, "");
  MINESCAN_TRY_ASSIGN(NpmVersion chosen,
                      choose_npm_version(document->json, dependency.version, what));
  const std::string name = unit_name(Ecosystem::npm, dependency.name, chosen.version);
  auto tarball = resolve_url(document->url, chosen.tarball);
  if (!tarball) {
    return fail(Code::corrupt, printable(name, 300) + ": the tarball that " + registry.shown() +
                                   " names is " + tarball.error().what);
  }
  PackageFile file{.integrity = std::move(chosen.integrity)};
  // The lockfile's word counts, not that of a registry that may have changed since.
  if (promised != nullptr && !strongest(promised->integrity).empty()) file = *promised;
  Release release{.version = chosen.version, .transfers = transfers_};
  release.files.push_back(
      finished(file_at(config_.effective(*tarball, registry), name, &file, *notes_),
               dependency.name, document->network));
  return release;
}

Result<Release> NpmRegistry::by_url(const Dependency& dependency, const std::string& url) {
  const std::string name = unit_name(Ecosystem::npm, dependency.name, dependency.version);
  auto parsed = parse_url(url);
  if (!parsed) {
    return fail(parsed.error().code,
                printable(name, 300) + ": its URL in the lockfile is " + parsed.error().what);
  }
  // Without any registry a URL is still one.
  const auto registry = config_.registry(dependency.name);
  const PackageFile* promised = dependency.files.empty() ? nullptr : &dependency.files.front();
  Release release{.version = dependency.version, .transfers = transfers_};
  release.files.push_back(finished(
      file_at(registry ? config_.effective(*parsed, *registry) : *parsed, name, promised, *notes_),
      dependency.name, AddressClass::open));
  return release;
}

// The lockfile's registry when it names one, but npm's default means the configured one.
Result<Url> NpmRegistry::registry_of(const Dependency& dependency) const {
  if (dependency.registry.empty()) return config_.registry(dependency.name);
  auto named = parse_index_url(dependency.registry);
  if (!named) {
    return fail(Code::usage, unit_name(Ecosystem::npm, dependency.name, dependency.version) +
                                 ": the registry in the lockfile is " + named.error().what);
  }
  if (config_.is_default(named->url)) return config_.registry(dependency.name);
  return std::move(named->url);
}

// The user named the registry of the package, and nothing else.
std::optional<AddressClass> NpmRegistry::leads(const Url& url, const std::string& package,
                                               AddressClass from) const {
  return transfers_->leads(url, config_.registry(package).value_or(Url{}), from);
}

RemoteFile NpmRegistry::finished(RemoteFile file, const std::string& package,
                                 AddressClass from) const {
  const auto registry = config_.registry(package);
  file.authorization = config_.authorization(file.url);
  file.led_from = leads(file.url, package, from);
  file.login_advice =
      NpmConfig::login_advice(registry && file.url.same_origin(*registry) ? *registry : file.url);
  return file;
}

Result<std::shared_ptr<const NpmRegistry::Document>> NpmRegistry::document(
    const Url& registry, const std::string& name) {
  MINESCAN_TRY_ASSIGN(const Url url, resolve_url(registry, registry.path + npm_path(name)));
  {
    const std::lock_guard lock(mutex_);
    const auto at = documents_.find(url.text);
    if (at != documents_.end()) return at->second;
  }
  const std::string what = unit_name(Ecosystem::npm, name, "");
  Request request{.url = url,
                  .headers = {std::string(kAccept)},
                  .authorization = config_.authorization(url),
                  .led_from = leads(url, name, AddressClass::open),
                  .body_limit = kDocumentLimit};
  const bool anonymous = request.authorization.empty();
  MINESCAN_TRY_ASSIGN(Response response, transfers_->get(std::move(request), what));
  if (!is_success(response)) {
    Error error = failed_answer(response, what, NpmConfig::login_advice(registry));
    // Registries hide what is private.
    if (error.code == Code::not_found && anonymous && name.starts_with('@')) {
      error.what += "; if it is private, " + NpmConfig::login_advice(registry);
    }
    return tl::unexpected<Error>(std::move(error));
  }
  auto json = parse_json(as_bytes(response.body), {.bytes = kDocumentLimit});
  if (!json) {
    return fail(json.error().code,
                what + ": the answer of " + response.url.shown() + " is " + json.error().what);
  }
  auto document = std::make_shared<const Document>(Document{
      .json = std::move(*json), .url = std::move(response.url), .network = response.network});
  const std::lock_guard lock(mutex_);
  if (documents_.size() >= kDocumentsKept) documents_.clear();
  documents_[url.text] = document;
  return document;
}

}  // namespace

bool is_npm_name(std::string_view name) {
  if (name.size() > kNameLimit) return false;
  if (!name.starts_with('@')) return is_name_part(name);
  const auto slash = name.find('/');
  return slash != std::string_view::npos && is_name_part(name.substr(1, slash - 1)) &&
         is_name_part(name.substr(slash + 1));
}

std::string npm_path(std::string_view name) {
  std::string path;
  for (const char c : name) path += c == '/' ? std::string("%2f") : std::string(1, c);
  return path;
}

Result<NpmVersion> choose_npm_version(const Json& document, const std::string& wanted,
                                      const std::string& what) {
  const Json* versions = object_member(document, "versions");
  if (versions == nullptr || versions->empty()) {
    return fail(Code::not_found, what + " has no versions; it may have been unpublished");
  }
  const std::vector<std::string> known = sorted_versions(*versions);
  const std::string latest = newest(document, known);
  std::string version = wanted.empty() ? latest : wanted;
  if (!versions->contains(version)) version = tagged(document, version);
  const auto at = versions->find(version);
  if (at == versions->end()) {
    return tl::unexpected<Error>(no_such_version(what, wanted.empty() ? version : wanted,
                                                 wanted.empty() ? "" : latest, known));
  }
  const Json* dist = object_member(*at, "dist");
  NpmVersion chosen{.version = version};
  if (dist != nullptr) {
    chosen.tarball = json_string(*dist, "tarball");
    chosen.integrity = parse_sri(json_string(*dist, "integrity"));
    if (chosen.integrity.empty()) {
      chosen.integrity = {{.algorithm = "sha1", .hex = json_string(*dist, "shasum")}};
    }
  }
  if (chosen.tarball.empty()) {
    return fail(Code::corrupt, what + "@" + printable(version, 100) +
                                   ": the registry names no tarball (dist.tarball)");
  }
  return chosen;
}

Result<std::shared_ptr<PackageRegistry>> open_npm(const PackageContext& context) {
  MINESCAN_TRY_ASSIGN(
      NpmConfig config,
      NpmConfig::load(context.options.packages, context.http.environment, context.options.tasks));
  std::vector<std::string> unchecked;
  if (!config.strict_ssl()) {
    if (const auto registry = config.registry("")) {
      unchecked.push_back(registry->authority());
      context.notes->add("the certificate of " + printable(registry->authority(), 300) +
                         " was not checked (strict-ssl=false)");
    }
  }
  std::string ca_file = config.ca_file();
  if (!ca_file.empty() && !read_config(ca_file).value_or(std::nullopt)) {
    context.notes->add("npm's cafile " + in_quotes(ca_file, 300) + " cannot be read");
    ca_file.clear();
  }
  MINESCAN_TRY_ASSIGN(auto transfers, context.transfers(ca_file, unchecked));
  return std::shared_ptr<PackageRegistry>(
      std::make_shared<NpmRegistry>(std::move(config), std::move(transfers), context.notes));
}

}  // namespace minescan::acquire
