#pragma once
// A scan from reference to report.

#include <memory>

#include "app/cache.h"
#include "app/options.h"
#include "app/sandbox.h"
#include "base/result.h"
#include "match/signature_set.h"
#include "model/limits.h"
#include "model/report.h"

namespace minescan::app {

// The report refers to the signatures, which must outlive it.  It is the same whether units are
// examined or recalled.
Result<Report> scan(const Options& options,
                    const std::shared_ptr<const match::SignatureSet>& signatures,
                    const Limits& limits, Recall& recall, const Sandbox& sandbox,
                    bool show_progress);

}  // namespace minescan::app
