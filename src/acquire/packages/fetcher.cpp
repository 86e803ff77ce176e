#include "acquire/packages/fetcher.h"

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "acquire/packages/package_registry.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

struct Known {
  Ecosystem ecosystem;
  Result<std::shared_ptr<PackageRegistry>> (*open)(const PackageContext& context);
};

constexpr std::array<Known, 3> kRegistries = {
    {{Ecosystem::npm, &open_npm}, {Ecosystem::pypi, &open_pypi}, {Ecosystem::cargo, &open_crates}}};

struct Planned {
  RemoteFile file;
  std::shared_ptr<Transfers> transfers;
};

class PackageOpener final : public Opener {
 public:
  // A file of another place or with other promises under a name that is taken already gets a name
  // of its own: a lockfile may name one version twice, and both are scanned.
  void plan(RemoteFile& file, std::shared_ptr<Transfers> transfers) {
    const std::lock_guard lock(mutex_);
    if (!is_free(file)) file.name += " from " + file.url.shown();
    for (std::size_t number = 2; !is_free(file); ++number) {
      file.name = file.name.substr(0, file.name.rfind(" (")) + " (" + std::to_string(number) + ")";
    }
    planned_.insert_or_assign(file.name, Planned{file, std::move(transfers)});
  }

  Result<std::unique_ptr<Source>> open(const Unit& unit) override {
    Planned planned;
    {
      const std::lock_guard lock(mutex_);
      const auto at = planned_.find(unit.name);
      if (at == planned_.end()) {
        return fail(Code::not_found, printable(unit.name) + " was not asked for");
      }
      planned = at->second;
    }
    return planned.transfers->open(planned.file);
  }

 private:
  // Nobody has the file's name, or the same file has it.
  [[nodiscard]] bool is_free(const RemoteFile& file) const {
    const auto at = planned_.find(file.name);
    if (at == planned_.end()) return true;
    const RemoteFile& other = at->second.file;
    return other.url.text == file.url.text && other.digests == file.digests &&
           other.size == file.size;
  }

  std::mutex mutex_;
  std::map<std::string, Planned> planned_;  // by the unit's name
};

Unit unit_of(const RemoteFile& file) {
  return {.kind = Unit::Kind::file,
          .name = file.name,
          .digest = file.digests.size() == 1 ? file.digests.front() : std::string(),
          .size = file.size};
}

std::string shown(const Dependency& dependency) {
  return printable(unit_name(dependency.ecosystem, dependency.name, dependency.version), 300);
}

}  // namespace

struct PackageFetcher::Parts {
  // Opened when the first package of its ecosystem is asked for: who has no npm needs none for a
  // crate.
  struct Entry {
    std::once_flag once;
    std::optional<Result<std::shared_ptr<PackageRegistry>>> registry;
  };

  PackageContext context;
  std::array<Entry, kRegistries.size()> entries;
  std::shared_ptr<PackageOpener> opener = std::make_shared<PackageOpener>();

  Result<PackageRegistry*> registry(Ecosystem ecosystem) {
    for (std::size_t i = 0; i < kRegistries.size(); ++i) {
      if (kRegistries[i].ecosystem != ecosystem) continue;
      Entry& entry = entries[i];
      std::call_once(entry.once, [&] { entry.registry = kRegistries[i].open(context); });
      if (!*entry.registry) return tl::unexpected<Error>(entry.registry->error());
      return (*entry.registry)->get();
    }
    return fail(Code::unsupported, "packages of the kind '" +
                                       std::string(ecosystem_name(ecosystem)) +
                                       "' are not fetched; download the file and scan it");
  }
};

PackageFetcher::PackageFetcher(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PackageFetcher::~PackageFetcher() = default;

Result<std::unique_ptr<PackageFetcher>> PackageFetcher::create(const Options& options) {
  HttpSettings settings;
  settings.environment = process_environment();
  return create(options, std::move(settings));
}

Result<std::unique_ptr<PackageFetcher>> PackageFetcher::create(const Options& options,
                                                               HttpSettings settings) {
  auto parts = std::make_unique<Parts>();
  parts->context.options = options;
  parts->context.http = std::move(settings);
  parts->context.slots = std::make_shared<HostSlots>();
  parts->context.notes = std::make_shared<Notes>();
  return std::unique_ptr<PackageFetcher>(new PackageFetcher(std::move(parts)));
}

Result<Fetched> PackageFetcher::fetch(const Dependency& dependency) {
  Fetched fetched{.version = dependency.version};
  switch (dependency.source) {
    case Dependency::Source::bundled:
      return fetched;
    case Dependency::Source::git:
      return fail(Code::unsupported, shown(dependency) +
                                         " comes from a git repository, which is not fetched; scan "
                                         "a checkout of it with 'minescan repo'");
    case Dependency::Source::path:
      return fail(Code::unsupported,
                  shown(dependency) + " is a local path; scan it with 'minescan repo'");
    case Dependency::Source::registry:
    case Dependency::Source::url:
      break;
  }
  MINESCAN_TRY_ASSIGN(PackageRegistry * registry, parts_->registry(dependency.ecosystem));
  MINESCAN_TRY_ASSIGN(Release release, registry->release(dependency));
  fetched.version = release.version;
  for (RemoteFile& file : release.files) {
    parts_->opener->plan(file, release.transfers);
    fetched.units.push_back(unit_of(file));
  }
  return fetched;
}

Result<std::vector<Unit>> PackageFetcher::units(const Dependency& dependency) {
  MINESCAN_TRY_ASSIGN(Fetched fetched, fetch(dependency));
  return std::move(fetched.units);
}

std::shared_ptr<Opener> PackageFetcher::opener() const { return parts_->opener; }

std::vector<std::string> PackageFetcher::notes() const { return parts_->context.notes->all(); }

}  // namespace minescan::acquire
