#pragma once
// Indicators, rules and contexts as bytes: what a pack carries, and what a set's digest is taken
// over.

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/signature.h"

namespace minescan::match {

std::string write_definitions(const Definitions& definitions);

// The inverse; Code::corrupt when the bytes are not of write_definitions().
Result<Definitions> read_definitions(ByteView bytes);

}  // namespace minescan::match
