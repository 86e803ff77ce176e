#pragma once
// Walks index, manifests, configs and layers of an image and makes the Artifact.  The same for
// every place that an image can come from.
//
// All platforms of an index are taken, unless options.platforms narrows; what is left out is a Gap.
// Every document on the way is a Unit too: a configuration is where a miner's command stands.

#include <memory>

#include "acquire/acquire.h"
#include "acquire/image_source.h"

namespace minescan::acquire {

// Errors: not_found (no such platform, nothing to scan), integrity (documents that lie or that
// readers disagree about), unsupported, and what the source reports.
Result<Acquired> assemble(std::unique_ptr<ImageSource> source, const Options& options);

}  // namespace minescan::acquire
