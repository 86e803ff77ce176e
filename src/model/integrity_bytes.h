#pragma once
// A digest of a package's file as bytes, for messages of workers.  What is read is hostile: whoever
// reads it checks it as if the lockfile or page had said it.

#include <utility>

#include "base/wire.h"
#include "model/dependency.h"

namespace minescan {

inline void write(WireWriter& out, const Integrity& integrity) {
  const auto& [algorithm, hex] = integrity;  // all fields: a new one does not compile before here
  out.text(algorithm);
  out.text(hex);
}

inline Integrity read_integrity(WireReader& in) {
  std::string algorithm = in.text();
  return {std::move(algorithm), in.text()};
}

}  // namespace minescan
