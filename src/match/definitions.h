#pragma once
// Indicators and rules as bytes: what a pack carries, and what a set's digest is taken over.

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/signature.h"

namespace minescan::match {

std::string write_definitions(const std::vector<Indicator>& indicators,
                              const std::vector<RuleSource>& rules);

// The inverse; Code::corrupt when the bytes are not of write_definitions().
Result<void> read_definitions(ByteView bytes, std::vector<Indicator>& indicators,
                              std::vector<RuleSource>& rules);

}  // namespace minescan::match
