#pragma once
// `minescan gate`: what a change brings, before it is merged.  Base and head are read out of git;
// the packages that lockfiles bring are fetched and scanned, and their findings stand on the lines
// of the lockfiles.  What decides about the change (configuration, baseline, registries) comes from
// the base revision or from options.

#include "acquire/repository.h"
#include "app/examiner.h"
#include "app/options.h"
#include "base/result.h"
#include "examine/worker/reading.h"
#include "model/report.h"

namespace minescan::app {

// What is compared, by options and environment.
acquire::Question git_question(const Options& options);

// `git` reads the repository; nullptr = this process does.
Result<Report> gate(const Options& options, Examiner& examiner,
                    examine::worker::ReadingProcess* git);

}  // namespace minescan::app
