#pragma once
// An image whose blobs lie in a local store and are found by digest: an OCI layout or an archive.

#include <memory>
#include <string>
#include <vector>

#include "acquire/image_source.h"

namespace minescan::acquire {

// Where the bytes are.  Several threads may open at once.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  // The bytes as they lie there, not verified.  `digest` satisfies is_digest.
  virtual Result<std::unique_ptr<Source>> open(const std::string& digest) = 0;
};

// What a StoredImage starts from.
struct StoredRoot {
  Descriptor descriptor;
  std::optional<std::string> bytes;  // when it is not in the store; not verified
};

class StoredImage final : public ImageSource {
 public:
  StoredImage(std::string name, StoredRoot root, std::unique_ptr<BlobStore> store,
              std::vector<std::string> notes = {});

  [[nodiscard]] std::string name() const override { return name_; }
  Result<Document> root() override;
  Result<Document> document(const Descriptor& descriptor) override;
  // Verifies size and digest.
  Result<std::unique_ptr<Source>> blob(const Descriptor& descriptor) override;
  [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }

 private:
  std::string name_;
  StoredRoot root_;
  std::unique_ptr<BlobStore> store_;
  std::vector<std::string> notes_;
};

// A document from a store, verified.
Result<Document> read_document(BlobStore& store, const Descriptor& descriptor);

}  // namespace minescan::acquire
