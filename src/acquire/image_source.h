#pragma once
// Where the documents and blobs of an image come from: a registry, an OCI layout, an archive, a
// daemon.  image.cpp walks index, manifest and config over this and makes the Artifact.

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/source.h"

namespace minescan::acquire {

struct Descriptor {
  std::string media_type;
  std::string digest;
  std::uint64_t size = 0;
};

// A manifest or index as it came: raw bytes, what the transport says of its type, and its digest
// computed over the bytes.
struct Document {
  std::string bytes;
  std::string media_type;
  std::string digest;
};

class ImageSource {
 public:
  virtual ~ImageSource() = default;

  // For reports: "registry.example/team/app:1.2", "oci:dir:tag".
  [[nodiscard]] virtual std::string name() const = 0;

  // What the reference names: the index or manifest.
  virtual Result<Document> root() = 0;

  // A manifest, index or config by descriptor, verified (size, digest).  At most 4 MiB.
  virtual Result<Document> document(const Descriptor& descriptor) = 0;

  // A blob.  See Opener::open for how wrong digests show.  Code::not_found when it is not there.
  virtual Result<std::unique_ptr<Source>> blob(const Descriptor& descriptor) = 0;

  // Things a person should know ("plain HTTP was used for localhost:5000").
  [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
};

}  // namespace minescan::acquire
