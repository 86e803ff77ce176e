#pragma once
// Digests in OCI spelling: "sha256:<64 hex digits>" or "sha512:<128 hex digits>"; package
// registries also promise others.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace minescan {

// True for "sha256:" + 64 or "sha512:" + 128 lower-case hex digits and nothing else.  Check this
// before a digest becomes part of a path or a URL.
bool is_digest(std::string_view digest);

// Bytes of a digest by "sha512", "sha384", "sha256", "sha1" or "md5"; 0 for any other name.
std::size_t digest_size(std::string_view algorithm);

// Computes one digest over bytes given in any number of pieces.
class Hasher {
 public:
  // An algorithm that digest_size() knows.
  explicit Hasher(std::string_view algorithm = "sha256");
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  void update(ByteView bytes);
  // "sha256:…"; the hasher starts afresh afterwards.
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string sha256(ByteView bytes);  // "sha256:…"
std::string hex(ByteView bytes);     // lower case

}  // namespace minescan
