#pragma once
// Checks size and digest of a blob while it is read, so that no one has to read it twice and no one
// can forget to.  Every byte up to the promised size is offered; at the end fault() tells whether
// the promise held.  Bytes beyond the promised size are not offered and are a fault too.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/source.h"

namespace minescan::acquire {

class VerifyingSource final : public Source {
 public:
  // `digest` must satisfy is_digest.  `broken` is the code of a promise not held: integrity for
  // blobs that someone else named, changed for a file that was measured a moment ago.
  VerifyingSource(std::unique_ptr<Source> inner, std::string name, std::string digest,
                  std::uint64_t size, Code broken = Code::integrity);

  ByteView peek(std::size_t want) override;
  void skip(std::size_t n) override;
  [[nodiscard]] std::uint64_t position() const override { return inner_->position(); }
  [[nodiscard]] std::optional<Error> fault() const override { return fault_; }

 private:
  void judge();

  std::unique_ptr<Source> inner_;
  std::string name_;
  std::string digest_;
  std::uint64_t size_;
  Code broken_;
  Hasher hasher_;
  std::uint64_t hashed_ = 0;  // absolute: how far the digest has come
  bool judged_ = false;
  std::optional<Error> fault_;
};

// Reads a source to its end: the bytes, or its fault, or Code::limit_bytes when there are more than
// `limit`.
Result<std::string> read_source(Source& source, const std::string& name, std::size_t limit);

}  // namespace minescan::acquire
