#pragma once
// Indicators, rules and contexts as bytes: what a pack carries, and what a set's digest is taken
// over.  Their examples, the hits and misses, are apart: a third of all, and no scan needs them.

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/signature.h"

namespace minescan::match {

std::string write_definitions(const Definitions& definitions);
std::string write_examples(const Definitions& definitions);

// The inverse, without examples; Code::corrupt when the bytes are not of write_definitions().
Result<Definitions> read_definitions(ByteView bytes);

// Adds the examples; Code::corrupt when the bytes are not of write_examples() of these definitions.
Result<void> read_examples(ByteView bytes, Definitions& definitions);

}  // namespace minescan::match
