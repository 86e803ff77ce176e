#pragma once
// --verify-installed: whether the files of packages that lie in an image or tree are those of their
// registries.

#include <vector>

#include "app/examiner.h"
#include "app/options.h"
#include "model/artifact.h"
#include "model/record.h"
#include "review/seen.h"

namespace minescan::app {

// Fetches every package that the records name, and adds evidence to the records for files that
// differ: lines of kind change, "installed file differs: pkg:npm/x@1.0.0 index.js".  What could not
// be compared is a gap of the artifact; transfer and integrity failures become `failures`.
Result<void> verify_installed(const Options& options, Examiner& examiner,
                              const review::SeenFiles& files, Artifact& artifact,
                              std::vector<Record>& records, std::vector<Error>& failures);

}  // namespace minescan::app
