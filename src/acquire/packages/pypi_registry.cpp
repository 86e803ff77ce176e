// Python packages out of an index.

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "acquire/packages/config_file.h"
#include "acquire/packages/integrity.h"
#include "acquire/packages/package_registry.h"
#include "acquire/packages/pep440.h"
#include "acquire/packages/pip_config.h"
#include "acquire/packages/semver.h"
#include "acquire/packages/simple_page.h"
#include "acquire/quoted.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kPageLimit = std::size_t{64} << 20;
constexpr std::size_t kPagesKept = 16;
constexpr std::string_view kAccept =
    "Accept: application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, "
    "text/html; q=0.01";

// A page, and where it came from.
struct Page {
  SimplePage page;
  Url url;
  IndexUrl index;
  AddressClass network = AddressClass::open;
};

bool is_python_name(std::string_view name) {
  return !name.empty() && name.size() <= 214 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string login_advice(const Url& url) {
  return "a login for it is 'https://USER:PASSWORD@" + printable(url.authority(), 300) +
         "/…' as index-url in pip.conf or in PIP_INDEX_URL";
}

std::vector<std::string> sorted_versions(const SimplePage& page, const std::string& name,
                                         bool yanked) {
  std::set<std::string> found;
  for (const SimpleFile& file : page.files) {
    if (file.yanked && !yanked) continue;
    if (std::string version = version_of_file(file.name, name); is_pep440(version)) {
      found.insert(std::move(version));
    }
  }
  std::vector<std::string> versions(found.begin(), found.end());
  std::sort(versions.begin(), versions.end(),
            [](const std::string& a, const std::string& b) { return compare_pep440(a, b) < 0; });
  return versions;
}

// The highest that is no pre-release and not yanked, or what comes nearest to it; "" for none.
std::string newest(const SimplePage& page, const std::string& name) {
  for (const bool yanked : {false, true}) {
    const auto versions = sorted_versions(page, name, yanked);
    if (versions.empty()) continue;
    const auto stable = std::find_if(versions.rbegin(), versions.rend(),
                                     [](const std::string& v) { return !is_python_prerelease(v); });
    return stable != versions.rend() ? *stable : versions.back();
  }
  return {};
}

std::string digest_key(const Integrity& value) { return value.algorithm + ":" + value.hex; }

class PypiRegistry final : public PackageRegistry {
 public:
  PypiRegistry(PipConfig config, std::shared_ptr<Transfers> transfers, std::shared_ptr<Notes> notes,
               TaskRunner* tasks)
      : config_(std::move(config)),
        transfers_(std::move(transfers)),
        notes_(std::move(notes)),
        tasks_(tasks) {}

  Result<Release> release(const Dependency& dependency) override;

 private:
  using Chosen = std::vector<RemoteFile>;

  Result<std::shared_ptr<const Page>> page(const Dependency& dependency);
  Result<std::shared_ptr<const Page>> page_of(const IndexUrl& index, const std::string& name,
                                              std::optional<AddressClass> led_from);
  Result<IndexUrl> index_named(const std::string& text,
                               std::optional<AddressClass>& led_from) const;
  Result<RemoteFile> by_url(const Dependency& dependency, const PackageFile& promised);
  Result<RemoteFile> by_name(const Dependency& dependency, const PackageFile& promised);
  Result<Chosen> by_digests(const Dependency& dependency, const std::vector<Integrity>& promised);
  Result<Chosen> whole_release(const Dependency& dependency, std::string& version);
  Result<RemoteFile> remote(const Page& page, const SimpleFile& listed, const std::string& unit,
                            const PackageFile& promised);
  [[nodiscard]] std::string authorization(const Url& url) const;
  void note_yanked(const SimpleFile& file, const std::string& release);

  const PipConfig config_;
  const std::shared_ptr<Transfers> transfers_;
  const std::shared_ptr<Notes> notes_;
  TaskRunner* const tasks_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Page>> pages_;  // by URL
};

std::string release_name(const Dependency& dependency, const std::string& version) {
  return unit_name(Ecosystem::pypi, dependency.name, version);
}

Result<Release> PypiRegistry::release(const Dependency& dependency) {
  Release release{.version = dependency.version, .transfers = transfers_};
  if (dependency.source == Dependency::Source::url) {
    PackageFile file = dependency.files.empty() ? PackageFile{} : dependency.files.front();
    if (file.url.empty()) file.url = dependency.location;
    MINESCAN_TRY_ASSIGN(RemoteFile found, by_url(dependency, file));
    release.files.push_back(std::move(found));
    return release;
  }
  if (!is_python_name(dependency.name)) {
    return fail(Code::usage, in_quotes(dependency.name, 300) + " is no name of a Python package");
  }
  std::vector<Integrity> nameless;
  for (const PackageFile& file : dependency.files) {
    if (file.url.empty() && file.name.empty()) {
      nameless.insert(nameless.end(), file.integrity.begin(), file.integrity.end());
      continue;
    }
    MINESCAN_TRY_ASSIGN(RemoteFile found,
                        file.url.empty() ? by_name(dependency, file) : by_url(dependency, file));
    release.files.push_back(std::move(found));
  }
  if (!nameless.empty()) {
    MINESCAN_TRY_ASSIGN(Chosen chosen, by_digests(dependency, nameless));
    std::move(chosen.begin(), chosen.end(), std::back_inserter(release.files));
  }
  if (release.files.empty()) {
    MINESCAN_TRY_ASSIGN(release.files, whole_release(dependency, release.version));
  }
  return release;
}

std::string PypiRegistry::authorization(const Url& url) const {
  if (std::string own = config_.index.for_url(url); !own.empty()) return own;
  for (const IndexUrl& extra : config_.extra) {
    if (std::string own = extra.for_url(url); !own.empty()) return own;
  }
  return {};
}

Result<RemoteFile> PypiRegistry::by_url(const Dependency& dependency, const PackageFile& promised) {
  const std::string release = release_name(dependency, dependency.version);
  auto url = parse_url(promised.url);
  if (!url) {
    return fail(url.error().code,
                printable(release, 300) + ": its URL in the lockfile is " + url.error().what);
  }
  const std::string file = promised.name.empty()
                               ? percent_decoded(url->path.substr(url->path.rfind('/') + 1))
                               : promised.name;
  RemoteFile found = file_at(*url, release + "/" + file, &promised, *notes_);
  found.authorization = authorization(*url);
  found.led_from = transfers_->leads(*url, config_.index.url, AddressClass::open);
  found.login_advice = login_advice(*url);
  return found;
}

// A promise without any digest takes the index's.
Result<RemoteFile> PypiRegistry::remote(const Page& page, const SimpleFile& listed,
                                        const std::string& unit, const PackageFile& promised) {
  auto url = page.page.base.empty() ? resolve_url(page.url, listed.url) : [&] {
    auto base = resolve_url(page.url, page.page.base);
    return base ? resolve_url(*base, listed.url) : base;
  }();
  if (!url) {
    return fail(Code::corrupt, printable(unit, 300) + ": the URL that " + page.url.shown() +
                                   " names is " + url.error().what);
  }
  PackageFile file{.integrity = listed.integrity, .size = listed.size};
  if (!strongest(promised.integrity).empty()) {
    file = {.integrity = promised.integrity,
            .size = promised.size != 0 ? promised.size : listed.size};
  }
  RemoteFile found = file_at(*url, unit, &file, *notes_);
  found.authorization = authorization(*url);
  if (found.authorization.empty()) found.authorization = page.index.for_url(*url);
  found.led_from = transfers_->leads(*url, config_.index.url, page.network);
  found.login_advice = login_advice(*url);
  return found;
}

void PypiRegistry::note_yanked(const SimpleFile& file, const std::string& release) {
  if (!file.yanked) return;
  notes_->add(printable(release, 300) + " was yanked" +
              (file.yank_reason.empty() ? "" : ": " + printable(file.yank_reason, 200)));
}

Result<RemoteFile> PypiRegistry::by_name(const Dependency& dependency,
                                         const PackageFile& promised) {
  MINESCAN_TRY_ASSIGN(const auto page, this->page(dependency));
  const std::string release = release_name(dependency, dependency.version);
  for (const SimpleFile& file : page->page.files) {
    if (file.name != promised.name) continue;
    note_yanked(file, release);
    return remote(*page, file, release + "/" + file.name, promised);
  }
  return fail(Code::not_found, printable(release, 300) + ": " + page->url.shown() +
                                   " does not list the file " + in_quotes(promised.name, 200) +
                                   " that the lockfile names");
}

// A lockfile that only has digests allows the files that have them, whatever their names.
Result<PypiRegistry::Chosen> PypiRegistry::by_digests(const Dependency& dependency,
                                                      const std::vector<Integrity>& promised) {
  MINESCAN_TRY_ASSIGN(const auto page, this->page(dependency));
  const std::string release = release_name(dependency, dependency.version);
  std::set<std::string> wanted;
  for (const Integrity& value : promised) wanted.insert(digest_key(value));
  Chosen chosen;
  std::set<std::string> met;
  bool any_file = false;
  for (const SimpleFile& file : page->page.files) {
    if (!is_of_release(file.name, dependency.name, dependency.version)) continue;
    any_file = true;
    const auto match =
        std::find_if(file.integrity.begin(), file.integrity.end(),
                     [&](const Integrity& value) { return wanted.contains(digest_key(value)); });
    PackageFile bound;
    if (match != file.integrity.end()) {
      bound.integrity = {*match};
      met.insert(digest_key(*match));
    } else if (strongest(file.integrity).empty()) {
      bound.integrity = promised;  // the index says nothing: the bytes have to be one of them
    } else {
      continue;
    }
    note_yanked(file, release);
    MINESCAN_TRY_ASSIGN(RemoteFile found, remote(*page, file, release + "/" + file.name, bound));
    chosen.push_back(std::move(found));
  }
  if (chosen.empty()) {
    return fail(any_file ? Code::integrity : Code::not_found,
                printable(release, 300) + ": " + page->url.shown() +
                    (any_file ? " lists no file with a digest that the lockfile has"
                              : " lists no file of this version"));
  }
  if (!met.empty() && met.size() < wanted.size()) {
    notes_->add(printable(release, 300) + ": of " + std::to_string(wanted.size()) +
                " digests in the lockfile the index has files for " + std::to_string(met.size()));
  }
  return chosen;
}

Result<PypiRegistry::Chosen> PypiRegistry::whole_release(const Dependency& dependency,
                                                         std::string& version) {
  MINESCAN_TRY_ASSIGN(const auto page, this->page(dependency));
  const std::string what = release_name(dependency, "");
  const std::string latest = newest(page->page, dependency.name);
  if (version.empty()) version = latest;
  if (version.empty()) {
    return fail(Code::not_found,
                printable(what, 300) + ": " + page->url.shown() + " lists no file of a version");
  }
  Chosen chosen;
  std::set<std::string> names;
  for (const SimpleFile& file : page->page.files) {
    if (!is_of_release(file.name, dependency.name, version)) continue;
    if (!names.insert(file.name).second) continue;
    note_yanked(file, what + "@" + version);
    MINESCAN_TRY_ASSIGN(
        RemoteFile found,
        remote(*page, file, release_name(dependency, version) + "/" + file.name, {}));
    chosen.push_back(std::move(found));
  }
  if (!chosen.empty()) return chosen;
  std::string text = printable(what, 300) + " has no version " + in_quotes(version, 100);
  if (version.find_first_of("~<>=!*, ") != std::string::npos) {
    text += " (ranges are not resolved: name one version)";
  }
  if (!latest.empty()) text += "; the newest is " + printable(latest, 60);
  const auto near =
      versions_near(sorted_versions(page->page, dependency.name, true), version, &compare_pep440);
  if (!near.empty() && is_pep440(version)) text += ", near it are " + listed_versions(near);
  return fail(Code::not_found, text);
}

// The index that a lockfile names.  It is as little trusted as the lockfile, unless the user has it
// too.
Result<IndexUrl> PypiRegistry::index_named(const std::string& text,
                                           std::optional<AddressClass>& led_from) const {
  MINESCAN_TRY_ASSIGN(IndexUrl named, parse_index_url(text));
  const auto same = [&](const IndexUrl& own) { return own.url.text == named.url.text; };
  if (same(config_.index)) return config_.index;
  for (const IndexUrl& extra : config_.extra) {
    if (same(extra)) return extra;
  }
  named.authorization.clear();
  led_from = transfers_->leads(named.url, config_.index.url, AddressClass::open);
  return named;
}

Result<std::shared_ptr<const Page>> PypiRegistry::page(const Dependency& dependency) {
  if (!dependency.registry.empty()) {
    std::optional<AddressClass> led_from;
    auto index = index_named(dependency.registry, led_from);
    if (!index) {
      return fail(Code::usage, release_name(dependency, dependency.version) +
                                   ": the index in the lockfile is " + index.error().what);
    }
    return page_of(*index, dependency.name, led_from);
  }
  auto found = page_of(config_.index, dependency.name, std::nullopt);
  for (const IndexUrl& extra : config_.extra) {
    if (found || found.error().code != Code::not_found) break;
    auto other = page_of(extra, dependency.name, std::nullopt);
    if (other) {
      notes_->add(unit_name(Ecosystem::pypi, dependency.name, "") + " came from the extra index " +
                  extra.url.shown());
    }
    if (other || other.error().code != Code::not_found) found = std::move(other);
  }
  if (found && !config_.extra.empty()) {
    notes_->add(std::to_string(config_.extra.size()) +
                " extra Python indexes are configured; pip may take any package from them");
  }
  return found;
}

Result<std::shared_ptr<const Page>> PypiRegistry::page_of(const IndexUrl& index,
                                                          const std::string& name,
                                                          std::optional<AddressClass> led_from) {
  MINESCAN_TRY_ASSIGN(const Url url, resolve_url(index.url, index.url.path + name + "/"));
  {
    const std::lock_guard lock(mutex_);
    const auto at = pages_.find(url.text);
    if (at != pages_.end()) return at->second;
  }
  const std::string what = unit_name(Ecosystem::pypi, name, "");
  Request request{.url = url,
                  .headers = {std::string(kAccept)},
                  .authorization = index.authorization,
                  .led_from = led_from,
                  .body_limit = kPageLimit};
  MINESCAN_TRY_ASSIGN(Response response, transfers_->get(std::move(request), what));
  if (!is_success(response)) {
    return tl::unexpected<Error>(failed_answer(response, what, login_advice(index.url)));
  }
  auto parsed = read_simple_page(tasks_, response.header("content-type"), response.body);
  if (!parsed) {
    return fail(parsed.error().code,
                what + ": the page " + response.url.shown() + " is " + parsed.error().what);
  }
  auto page = std::make_shared<const Page>(Page{.page = std::move(*parsed),
                                                .url = std::move(response.url),
                                                .index = index,
                                                .network = response.network});
  const std::lock_guard lock(mutex_);
  if (pages_.size() >= kPagesKept) pages_.clear();
  pages_[url.text] = page;
  return page;
}

}  // namespace

Result<std::shared_ptr<PackageRegistry>> open_pypi(const PackageContext& context) {
  MINESCAN_TRY_ASSIGN(PipConfig config,
                      load_pip_config(context.options.packages, context.http.environment));
  for (const std::string& host : config.unchecked_hosts) {
    context.notes->add("the certificate of " + printable(host, 300) +
                       " was not checked (trusted-host)");
  }
  std::string ca_file = config.ca_file;
  if (!ca_file.empty() && !read_config(ca_file).value_or(std::nullopt)) {
    context.notes->add("pip's cert " + in_quotes(ca_file, 300) + " cannot be read");
    ca_file.clear();
  }
  MINESCAN_TRY_ASSIGN(auto transfers, context.transfers(ca_file, config.unchecked_hosts));
  return std::shared_ptr<PackageRegistry>(std::make_shared<PypiRegistry>(
      std::move(config), std::move(transfers), context.notes, context.options.tasks));
}

}  // namespace minescan::acquire
