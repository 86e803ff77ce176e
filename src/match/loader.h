#pragma once
// YAML to indicators and rules, checked against the language of signatures/README.md.  Not compiled
// yet: signature_set.h does that.

#include <string>
#include <vector>

#include "base/result.h"
#include "match/signature.h"
#include "match/signature_set.h"

namespace minescan::match {

// Appends what `file` holds.  The first thing wrong is an Error that begins "file:line: ".
Result<void> load(const SignatureFile& file, std::vector<Indicator>& indicators,
                  std::vector<RuleSource>& rules);

// What only the whole set can show: repeated ids, rules that name unknown indicators or rules.
Result<void> check_references(const std::vector<Indicator>& indicators,
                              const std::vector<RuleSource>& rules);

}  // namespace minescan::match
