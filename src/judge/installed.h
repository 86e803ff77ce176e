#pragma once
// Says of findings in which package they lie: "in pkg:npm/foo@1.2.3".

#include <vector>

#include "model/artifact.h"
#include "model/record.h"
#include "model/report.h"

namespace minescan::judge {

// Sets Finding::package where a package that the same archive or tree describes has the file; the
// innermost one when several do.
void name_packages(const Artifact& artifact, const std::vector<Record>& records,
                   std::vector<Finding>& findings);

}  // namespace minescan::judge
