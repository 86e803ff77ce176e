#pragma once
// `minescan inspect FILE`: what minescan sees in one file, whether it means anything or not.

#include "app/options.h"
#include "base/result.h"

namespace minescan::app {

// The exit code: 0 when all of the file was seen, 3 when there are gaps.  Findings are listed and
// change nothing: this is for looking, not for deciding.
Result<int> run_inspect(const Options& options);

}  // namespace minescan::app
