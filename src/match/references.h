#pragma once
// What only the whole set of definitions can show.

#include "base/result.h"
#include "match/signature.h"

namespace minescan::match {

// Code::usage for repeated ids, and for names of indicators, rules, contexts or classes that
// nothing has; it begins "file:line: ".
Result<void> check_references(const Definitions& definitions);

}  // namespace minescan::match
