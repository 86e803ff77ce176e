#pragma once
// The certificates that a server's chain may end at: the system's, and those of --cacert.
//
// OpenSSL takes some 50 ms to read a system's bundle of all roots, more than a scan that only asks
// whether an image has changed; of a folder in which every root has its name by hash it reads just
// the one that a chain asks for.  So a connection is tried with that folder, and only a server that
// fails then is tried with all roots.  What is trusted is the same, since the first set is a part
// of the second one.

#include <cstdint>
#include <string>

#include "acquire/environment.h"
#include "base/result.h"

namespace minescan::acquire {

class TrustedRoots {
 public:
  enum class Set : std::uint8_t {
    folder,  // the folder of roots by hash, and ca_file's
    all,     // the system's bundle too
  };

  TrustedRoots() = default;
  // `ca_file`: PEM, "" for none.  SSL_CERT_FILE and SSL_CERT_DIR take the place of the system's
  // bundle and folder.  Code::usage when the file cannot be used.
  static Result<TrustedRoots> create(const std::string& ca_file, const Environment& environment);

  // Which to try first.
  [[nodiscard]] Set first() const { return folder_serves_ ? Set::folder : Set::all; }
  // Gives a curl handle its roots.  They are borrowed: this must outlive the transfer.
  void give(void* easy, Set set) const;

 private:
  std::string own_;          // PEM of ca_file; "" for none
  std::string own_and_all_;  // and the bundle's; "" when there are no own ones
  std::string bundle_;       // paths; "" where curl has no default
  std::string folder_;
  bool folder_serves_ = false;
};

}  // namespace minescan::acquire
