#pragma once
// The signatures of a run, and the commands that show and test them.

#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "base/result.h"
#include "match/signature_set.h"

namespace minescan::app {

// All *.yaml of a directory, sorted by name.
Result<std::vector<match::SignatureFile>> read_signatures(const std::string& directory);

// Built in, plus or instead those of a directory or of a signature pack (app/packs.h).
Result<std::shared_ptr<const match::SignatureSet>> load_signatures(const Options& options);

// Runs every example; returns one line for each that fails, naming file, line and example.
Result<std::vector<std::string>> failing_examples(
    const std::shared_ptr<const match::SignatureSet>& signatures);

// Prints one rule, context or indicator; returns the exit code 0.
Result<int> show_signature(const match::SignatureSet& signatures, const std::string& id);

// The commands `signatures list|show|test|build|keygen`; return the exit code.
Result<int> run_signatures(const Options& options);

}  // namespace minescan::app
