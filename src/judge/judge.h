#pragma once
// The second pure function: an artifact and the records of its units in, a Report out.

#include <string>
#include <vector>

#include "match/signature_set.h"
#include "model/artifact.h"
#include "model/record.h"
#include "model/report.h"

namespace minescan::judge {

struct Policy {
  Level fail_on = Level::error;
};

// records[i] belongs to artifact.units[i].  `failures` are transfer and integrity failures of
// units. `signatures` must outlive the report.
Report judge(Artifact artifact, const std::vector<Record>& records, std::vector<Error> failures,
             const match::SignatureSet& signatures, const Policy& policy);

// Ids of the contexts that hold anywhere in the artifact, sorted: what the authors of signatures
// ask.
std::vector<std::string> contexts_in(const Artifact& artifact, const std::vector<Record>& records,
                                     const match::SignatureSet& signatures);

// Whether nothing was missed: no transfer failed, and every gap is outside or accepted.
bool is_complete(const std::vector<Gap>& gaps, bool has_failures);

// 1 findings at or above fail_on; else 2 no verdict (a failure, or nothing was scanned); else
// 3 incomplete; else 0.  The only place that knows.
int exit_code(const Report& report);

}  // namespace minescan::judge
