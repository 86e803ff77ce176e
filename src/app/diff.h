#pragma once
// `minescan diff`: what one artifact has that another one has not.

#include "app/examiner.h"
#include "app/options.h"
#include "base/result.h"
#include "model/report.h"

namespace minescan::app {

// Options::base is the one before, Options::target the one after: packages, files, trees, images.
// The report is about the one after.
Result<Report> diff(const Options& options, Examiner& examiner);

}  // namespace minescan::app
