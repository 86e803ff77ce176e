#pragma once
// A reference to an Artifact of Units, and the bytes of the units.  The only room that touches the
// network or opens paths.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "model/artifact.h"
#include "model/task.h"

namespace minescan::acquire {

// Where packages come from, as far as the user says.  "" = as the package manager itself would
// have it: from its environment variables and configuration files.
struct PackageSettings {
  std::string npm_registry;    // --npm-registry
  std::string pypi_index;      // --pypi-index, the "simple" page
  std::string cargo_registry;  // --cargo-index, a sparse index
  // Texts of the project's own configuration by path: ".npmrc", ".cargo/config.toml".  Give those
  // of a revision that is trusted; nullopt reads them from the working directory.
  std::optional<std::map<std::string, std::string>> project_files;
};

struct Options {
  std::vector<std::string> platforms;  // --platform; empty = all
  std::vector<std::string>
      insecure;         // --insecure HOST[:PORT]: no certificate check, plain HTTP allowed
  std::string ca_file;  // --cacert, added to the system's roots
  std::optional<std::string> username;  // with password, for the registry of the reference only
  std::string password;
  std::string registry_token;  // used as Bearer token, for the registry of the reference only
  PackageSettings packages;
  // Reads pages of indexes, configurations of projects and headers of archives, and outlives all
  // that it is given to; nullptr = they are read here.
  TaskRunner* tasks = nullptr;
  std::uint64_t max_package_bytes = 100'000'000;  // --max-package-size: of one downloaded file
};

// Gives the bytes of units.  Several threads may open and read different units at once.
class Opener {
 public:
  virtual ~Opener() = default;
  // Bytes of one unit.  A promised digest or size that turns out wrong is a fault() of the source
  // with Code::integrity at its end; a broken transfer one with Code::unreachable.
  virtual Result<std::unique_ptr<Source>> open(const Unit& unit) = 0;
  // What could not be read of units that otherwise go on: files of a tree that vanished or changed.
  // Sorted; complete once all sources have been read to their ends.
  virtual std::vector<Gap> late_gaps() { return {}; }
};

struct Acquired {
  Artifact artifact;
  std::unique_ptr<Opener> opener;
};

// An image by any of: REF, docker://REF, oci:DIR[:TAG], oci-archive:FILE[:TAG],
// docker-archive:FILE[:REF], docker-daemon:REF, or a path of an existing layout or archive.
Result<Acquired> image(const std::string& reference, const Options& options);

// A package of a registry by "npm:NAME[@VERSION|@TAG]", "pypi:NAME[@VERSION]",
// "crate:NAME[@VERSION]" or a package URL ("pkg:npm/…"), without a version the newest; or else a
// local file of any kind.  "./npm:x" is a file.
Result<Acquired> package(const std::string& reference, const Options& options);

// A local file of any kind, as a package.
Result<Acquired> file(const std::string& path);

// A directory tree or a single file.
Result<Acquired> tree(const std::string& path);

// The whole of a file that the user names: a configuration, a lockfile.  Code::limit_bytes when it
// has more than `limit` bytes.
Result<std::string> read_text(const std::string& path, std::size_t limit);

}  // namespace minescan::acquire
