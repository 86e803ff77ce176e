#include "acquire/stored_image.h"

#include "acquire/manifest.h"
#include "acquire/quoted.h"
#include "acquire/verifying_source.h"
#include "base/digest.h"

namespace minescan::acquire {
namespace {

Result<std::unique_ptr<Source>> open_verified(BlobStore& store, const Descriptor& descriptor) {
  if (!is_digest(descriptor.digest)) {
    return fail(Code::integrity, in_quotes(descriptor.digest, 200) + " is not a digest");
  }
  MINESCAN_TRY_ASSIGN(auto bytes, store.open(descriptor.digest));
  return std::make_unique<VerifyingSource>(std::move(bytes), "blob " + descriptor.digest,
                                           descriptor.digest, descriptor.size);
}

}  // namespace

StoredImage::StoredImage(std::string name, StoredRoot root, std::unique_ptr<BlobStore> store,
                         std::vector<std::string> notes)
    : name_(std::move(name)),
      root_(std::move(root)),
      store_(std::move(store)),
      notes_(std::move(notes)) {}

Result<Document> StoredImage::root() {
  if (root_.bytes) {
    return Document{*root_.bytes, root_.descriptor.media_type, root_.descriptor.digest};
  }
  return document(root_.descriptor);
}

Result<Document> StoredImage::document(const Descriptor& descriptor) {
  return read_document(*store_, descriptor);
}

Result<std::unique_ptr<Source>> StoredImage::blob(const Descriptor& descriptor) {
  return open_verified(*store_, descriptor);
}

Result<Document> read_document(BlobStore& store, const Descriptor& descriptor) {
  MINESCAN_TRY_ASSIGN(const auto source, open_verified(store, descriptor));
  MINESCAN_TRY_ASSIGN(std::string bytes,
                      read_source(*source, "document " + descriptor.digest, kMaxDocument));
  return Document{std::move(bytes), descriptor.media_type, descriptor.digest};
}

}  // namespace minescan::acquire
