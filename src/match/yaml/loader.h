#pragma once
// YAML to indicators, rules and contexts, checked against the language of signatures/README.md. Not
// compiled yet: signature_set.h does that.

#include "base/result.h"
#include "match/signature.h"
#include "match/signature_set.h"

namespace minescan::match {

// Appends what `file` holds.  The first thing wrong is an Error that begins "file:line: ".
Result<void> load(const SignatureFile& file, Definitions& definitions);

}  // namespace minescan::match
