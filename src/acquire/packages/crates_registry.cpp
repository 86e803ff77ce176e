// Crates out of a sparse index.

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "acquire/packages/cargo_config.h"
#include "acquire/packages/config_file.h"
#include "acquire/packages/integrity.h"
#include "acquire/packages/package_registry.h"
#include "acquire/packages/semver.h"
#include "acquire/packages/sparse_index.h"
#include "acquire/quoted.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kIndexLimit = std::size_t{64} << 20;

// What an index says of itself.
struct Index {
  Url url;
  std::string dl;
  AddressClass network = AddressClass::open;
};

std::string login_advice(const Url& index) {
  return "a token for " + index.shown() +
         " is read from $CARGO_HOME/credentials.toml, when config.toml there has that index";
}

Error no_such_version(const std::string& what, const std::string& wanted,
                      std::vector<CrateVersion>& known, const CrateVersion* latest) {
  std::vector<std::string> versions;
  versions.reserve(known.size());
  for (const CrateVersion& entry : known) versions.push_back(entry.version);
  std::sort(versions.begin(), versions.end(),
            [](const std::string& a, const std::string& b) { return compare_semver(a, b) < 0; });
  std::string text = what + " has no version " + in_quotes(wanted, 100);
  if (wanted.find_first_of("~<>=^*, ") != std::string::npos) {
    text += " (ranges are not resolved: name one version)";
  }
  if (latest != nullptr) text += "; the newest is " + printable(latest->version, 60);
  const auto near = versions_near(versions, wanted, &compare_semver);
  if (!near.empty() && is_semver(wanted)) text += ", near it are " + listed_versions(near);
  return {Code::not_found, text};
}

// The highest that is neither yanked nor a pre-release, or what comes nearest to it.
const CrateVersion* newest(const std::vector<CrateVersion>& versions) {
  const auto rank = [](const CrateVersion& entry) {
    return (entry.yanked ? 0 : 2) + (is_prerelease(entry.version) ? 0 : 1);
  };
  const auto at = std::max_element(versions.begin(), versions.end(),
                                   [&](const CrateVersion& a, const CrateVersion& b) {
                                     if (rank(a) != rank(b)) return rank(a) < rank(b);
                                     return compare_semver(a.version, b.version) < 0;
                                   });
  return at == versions.end() ? nullptr : &*at;
}

class CratesRegistry final : public PackageRegistry {
 public:
  CratesRegistry(CargoConfig config, std::shared_ptr<Transfers> transfers,
                 std::shared_ptr<Notes> notes)
      : config_(std::move(config)), transfers_(std::move(transfers)), notes_(std::move(notes)) {}

  Result<Release> release(const Dependency& dependency) override;

 private:
  Result<std::string> read(const Url& url, const std::string& what,
                           std::optional<AddressClass> led_from, AddressClass* network = nullptr);
  Result<std::shared_ptr<const Index>> index(const Url& url, const std::string& what);
  [[nodiscard]] std::optional<AddressClass> led_from(const Url& index) const;

  const CargoConfig config_;
  const std::shared_ptr<Transfers> transfers_;
  const std::shared_ptr<Notes> notes_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Index>> indexes_;  // by URL
};

Result<Release> CratesRegistry::release(const Dependency& dependency) {
  const std::string what = unit_name(Ecosystem::cargo, dependency.name, "");
  if (dependency.source == Dependency::Source::url || !is_crate_name(dependency.name)) {
    return fail(Code::usage, in_quotes(dependency.name, 300) + " is no name of a crate");
  }
  MINESCAN_TRY_ASSIGN(const Url url, config_.index_of(dependency.registry));
  MINESCAN_TRY_ASSIGN(const auto index, this->index(url, what));
  MINESCAN_TRY_ASSIGN(const Url page, resolve_url(url, url.path + crate_path(dependency.name)));
  MINESCAN_TRY_ASSIGN(const std::string body, read(page, what, led_from(url)));
  auto versions = parse_crate_lines(body);
  if (!versions) {
    return fail(versions.error().code,
                what + ": the index " + page.shown() + " is " + versions.error().what);
  }
  const CrateVersion* latest = newest(*versions);
  const CrateVersion* chosen = dependency.version.empty() ? latest : nullptr;
  for (const CrateVersion& entry : *versions) {
    if (entry.version == dependency.version) chosen = &entry;
  }
  if (chosen == nullptr) {
    return tl::unexpected<Error>(no_such_version(what, dependency.version, *versions, latest));
  }
  const std::string name = unit_name(Ecosystem::cargo, dependency.name, chosen->version);
  if (chosen->yanked) notes_->add(printable(name, 300) + " was yanked");
  auto target = parse_url(crate_url(index->dl, *chosen));
  if (!target) {
    return fail(Code::corrupt, printable(name, 300) + ": the URL that " + url.shown() +
                                   " names is " + target.error().what);
  }
  PackageFile promised;
  if (!dependency.files.empty() && !strongest(dependency.files.front().integrity).empty()) {
    promised.integrity = dependency.files.front().integrity;
  } else if (!chosen->checksum.empty()) {
    promised.integrity = {{.algorithm = "sha256", .hex = chosen->checksum}};
  }
  RemoteFile file = file_at(*target, name, &promised, *notes_);
  file.authorization = config_.authorization(*target);
  file.led_from = transfers_->leads(*target, url, index->network);
  file.login_advice = login_advice(url);
  Release release{.version = chosen->version, .transfers = transfers_};
  release.files.push_back(std::move(file));
  return release;
}

// An index out of a lockfile is not the user's, unless the user has it too.
std::optional<AddressClass> CratesRegistry::led_from(const Url& index) const {
  if (config_.knows(index)) return std::nullopt;
  return transfers_->leads(index, config_.index().value_or(index), AddressClass::open);
}

Result<std::string> CratesRegistry::read(const Url& url, const std::string& what,
                                         std::optional<AddressClass> led_from,
                                         AddressClass* network) {
  Request request{.url = url,
                  .authorization = config_.authorization(url),
                  .led_from = led_from,
                  .body_limit = kIndexLimit};
  MINESCAN_TRY_ASSIGN(Response response, transfers_->get(std::move(request), what));
  if (!is_success(response)) {
    return tl::unexpected<Error>(failed_answer(response, what, login_advice(url)));
  }
  if (network != nullptr) *network = response.network;
  return std::move(response.body);
}

Result<std::shared_ptr<const Index>> CratesRegistry::index(const Url& url,
                                                           const std::string& what) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = indexes_.find(url.text);
    if (at != indexes_.end()) return at->second;
  }
  MINESCAN_TRY_ASSIGN(const Url page, resolve_url(url, url.path + "config.json"));
  AddressClass network = AddressClass::open;
  auto body = read(page, what, led_from(url), &network);
  if (!body) {
    Error error = std::move(body.error());
    // Without its config.json it is not the crate that is missing.
    if (error.code == Code::not_found) {
      error = {Code::usage, url.shown() +
                                " is no sparse index of crates: it has no config.json; "
                                "name one with --cargo-index URL"};
    }
    return tl::unexpected<Error>(std::move(error));
  }
  auto dl = parse_index_config(*body);
  if (!dl) {
    return fail(dl.error().code, what + ": " + page.shown() + " is " + dl.error().what);
  }
  auto index =
      std::make_shared<const Index>(Index{.url = url, .dl = std::move(*dl), .network = network});
  const std::lock_guard lock(mutex_);
  indexes_[url.text] = index;
  return index;
}

}  // namespace

Result<std::shared_ptr<PackageRegistry>> open_crates(const PackageContext& context) {
  MINESCAN_TRY_ASSIGN(
      CargoConfig config,
      CargoConfig::load(context.options.packages, context.http.environment, context.options.tasks));
  std::string ca_file = config.ca_file();
  if (!ca_file.empty() && !read_config(ca_file).value_or(std::nullopt)) {
    context.notes->add("Cargo's http.cainfo " + in_quotes(ca_file, 300) + " cannot be read");
    ca_file.clear();
  }
  MINESCAN_TRY_ASSIGN(auto transfers, context.transfers(ca_file, {}));
  return std::shared_ptr<PackageRegistry>(
      std::make_shared<CratesRegistry>(std::move(config), std::move(transfers), context.notes));
}

}  // namespace minescan::acquire
