#pragma once
// Where the files of one ecosystem's packages come from.  One implementation per ecosystem; the
// fetcher has the table.

#include <memory>
#include <string>
#include <vector>

#include "acquire/acquire.h"
#include "acquire/http.h"
#include "acquire/notes.h"
#include "acquire/packages/transfers.h"
#include "base/result.h"
#include "model/dependency.h"

namespace minescan::acquire {

// What the registries of one run share.
struct PackageContext {
  Options options;
  HttpSettings http;
  std::shared_ptr<HostSlots> slots;
  std::shared_ptr<Notes> notes;

  // A client for one ecosystem: `http` with the options' and these further settings.
  [[nodiscard]] Result<std::shared_ptr<Transfers>> transfers(
      const std::string& ca_file, const std::vector<std::string>& unchecked_hosts) const;
};

struct Release {
  std::string version;
  std::vector<RemoteFile> files;  // at least one
  std::shared_ptr<Transfers> transfers;
};

// Safe for several threads.
class PackageRegistry {
 public:
  PackageRegistry() = default;
  PackageRegistry(const PackageRegistry&) = delete;
  PackageRegistry& operator=(const PackageRegistry&) = delete;
  virtual ~PackageRegistry() = default;

  // The files of a dependency whose source is registry or url.  An empty version means the newest.
  // What the dependency promises of its files counts; what it does not, the registry promises.
  // Code::not_found names versions that there are.
  virtual Result<Release> release(const Dependency& dependency) = 0;
};

// "npm:@scope/name@1.2.3": the name of a package's unit.
std::string unit_name(Ecosystem ecosystem, const std::string& name, const std::string& version);

// The file of a dependency that names one by URL itself, verified by what the dependency promises.
// Notes when that is nothing.
RemoteFile file_at(const Url& url, const std::string& name, const PackageFile* promised,
                   Notes& notes);

Result<std::shared_ptr<PackageRegistry>> open_npm(const PackageContext& context);
Result<std::shared_ptr<PackageRegistry>> open_pypi(const PackageContext& context);
Result<std::shared_ptr<PackageRegistry>> open_crates(const PackageContext& context);

}  // namespace minescan::acquire
