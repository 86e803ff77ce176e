#pragma once
// `minescan gate`: what a change brings, before it is merged.  Base and head are read out of git;
// the packages that lockfiles bring are fetched and scanned, and their findings stand on the lines
// of the lockfiles.  What decides about the change (configuration, baseline, registries) comes from
// the base revision or from options.

#include "app/examiner.h"
#include "app/options.h"
#include "base/result.h"
#include "model/report.h"

namespace minescan::app {

Result<Report> gate(const Options& options, Examiner& examiner);

}  // namespace minescan::app
