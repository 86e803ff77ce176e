#pragma once
// Indicators and rules as a document: what a pack carries, and what a set's digest is taken over.

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "match/signature.h"

namespace minescan::match {

Json to_json(const std::vector<Indicator>& indicators, const std::vector<RuleSource>& rules);

// The inverse; Code::corrupt when the document is not one of to_json().
Result<void> from_json(const Json& json, std::vector<Indicator>& indicators,
                       std::vector<RuleSource>& rules);

}  // namespace minescan::match
