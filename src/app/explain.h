#pragma once
// `minescan explain`: what a rule means, or why a finding of a report was made and what to do.

#include "app/options.h"
#include "base/result.h"

namespace minescan::app {

// Prints to standard output; returns the exit code 0.  Errors: an id that nothing has, a finding
// without a report to read it from, a report that cannot be read.
Result<int> run_explain(const Options& options);

}  // namespace minescan::app
