#pragma once
// A reference to an Artifact of Units, and the bytes of the units.  The only room that touches the
// network or opens paths.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "model/artifact.h"

namespace minescan::acquire {

struct Options {
  std::vector<std::string> platforms;  // --platform; empty = all
  std::vector<std::string>
      insecure;         // --insecure HOST[:PORT]: no certificate check, plain HTTP allowed
  std::string ca_file;  // --cacert, added to the system's roots
  std::optional<std::string> username;  // with password, for the registry of the reference only
  std::string password;
  std::string registry_token;  // used as Bearer token, for the registry of the reference only
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

// A local file of any kind.
Result<Acquired> package(const std::string& path);

// A directory tree or a single file.
Result<Acquired> tree(const std::string& path);

// The whole of a file that the user names: a configuration, a lockfile.  Code::limit_bytes when it
// has more than `limit` bytes.
Result<std::string> read_text(const std::string& path, std::size_t limit);

}  // namespace minescan::acquire
