#pragma once
// A scan from reference to report.

#include <memory>

#include "app/options.h"
#include "base/result.h"
#include "match/signature_set.h"
#include "model/report.h"

namespace minescan::app {

// The report refers to the signatures, which must outlive it.
Result<Report> scan(const Options& options,
                    const std::shared_ptr<const match::SignatureSet>& signatures,
                    bool show_progress);

}  // namespace minescan::app
