#pragma once
// What `minescan inspect` prints, for people and for machines.

#include <string>

#include "model/inspection.h"
#include "model/report.h"

namespace minescan::report {

// `report` is of the same file: what its findings and gaps are.
std::string inspection_text(const Inspection& inspection, const Report& report);
// {"schema_version", "file", "digest", "nodes": [{"trail", "type", "facts": [{"name", "values":
// [{"text"}]}]}],
//  "nodes_left_out", "findings", "gaps"}
std::string inspection_json(const Inspection& inspection, const Report& report);

}  // namespace minescan::report
