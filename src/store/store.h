#pragma once
// Records that were made before, by what they depend on: the local cache.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "model/record.h"

namespace minescan::store {

// All that a Record depends on.  Equal keys mean equal records.
struct Key {
  std::string unit;        // digest of the unit's bytes, "sha256:…", verified by the caller
  std::string name;        // of the unit: trails begin with it
  std::string signatures;  // digest of the signatures
  std::string engine;      // version of minescan
  std::string limits;      // all limits as text
};

}  // namespace minescan::store
