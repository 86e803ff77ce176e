#pragma once
// Finds indicators in bytes.  One per thread: it owns its scratch.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/signature_set.h"
#include "match/validators.h"
#include "model/view.h"

namespace minescan::match {

struct Match {
  std::size_t indicator = 0;  // index into SignatureSet::indicators()
  std::size_t start = 0;      // in the bytes given
  std::size_t length = 0;
  Captures captures;
};

class Matcher {
 public:
  static Result<std::unique_ptr<Matcher>> create(std::shared_ptr<const SignatureSet> signatures);
  ~Matcher();

  // Appends the confirmed matches in bytes[from, to) to `matches`, sorted by start then indicator.
  // A match belongs to the range that its start lies in, so windows of one stream that share at
  // least 2 × SignatureSet::widest() bytes can divide the stream without loss or repetition.
  Result<void> scan(ByteView bytes, ViewKind kind, std::size_t from, std::size_t to,
                    std::vector<Match>& matches);
  Result<void> scan(ByteView bytes, ViewKind kind, std::vector<Match>& matches) {
    return scan(bytes, kind, 0, bytes.size(), matches);
  }

 private:
  Matcher();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace minescan::match
