#pragma once
// The files of packages as Units, out of the registries of npm, Python and Cargo.
//
// A package of one file is the unit "npm:left-pad@1.3.0" or "crate:rand@0.8.5".  PyPI's have
// several, which are "pypi:demo@1.0/demo-1.0-py3-none-any.whl" and so on.  A unit's digest is the
// strongest promise in "algorithm:hex" spelling ("sha512:…", also sha384, sha1, md5); "" when
// nobody promises one, or several values of one algorithm.  When the same name comes with another
// URL or digest, as a lockfile may have it, the second unit is named "npm:left-pad@1.3.0 from
// https://…".
//
// Only the files of a package are fetched and nothing of it runs; no package manager is called.
// Tested by fetcher_test.cpp.

#include <memory>
#include <string>
#include <vector>

#include "acquire/acquire.h"
#include "acquire/http.h"
#include "base/result.h"
#include "model/dependency.h"

namespace minescan::acquire {

// What units() found.
struct Fetched {
  std::string version;  // the dependency's; resolved when it states none or a tag
  std::vector<Unit> units;
};

// Safe for several threads.
class PackageFetcher {
 public:
  static Result<std::unique_ptr<PackageFetcher>> create(const Options& options);
  // The same with other surroundings and times than the process's own; for tests.
  static Result<std::unique_ptr<PackageFetcher>> create(const Options& options,
                                                        HttpSettings settings);
  ~PackageFetcher();
  PackageFetcher(const PackageFetcher&) = delete;
  PackageFetcher& operator=(const PackageFetcher&) = delete;

  // The files of one dependency.  Asks the registry when the dependency does not say where its
  // files are; of those, and of nothing else, the bytes are fetched when the unit is opened.
  // Empty for what lies inside another package (bundled).
  //
  // Code::unsupported for other ecosystems, git repositories and local paths: what they name has to
  // be scanned as what it is.  Code::not_found, refused, unreachable, corrupt; Code::usage when no
  // registry is configured, or its configuration cannot be read.
  Result<std::vector<Unit>> units(const Dependency& dependency);
  Result<Fetched> fetch(const Dependency& dependency);

  // Opens all units that units() gave until then, by name.  Outlives the fetcher; the same for all
  // calls.
  [[nodiscard]] std::shared_ptr<Opener> opener() const;

  // What people should know: packages that nobody promises a digest for, certificates that were not
  // checked, yanked releases.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  struct Parts;
  explicit PackageFetcher(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace minescan::acquire
