#pragma once
// Reports of several artifacts that were looked at for one reason, as one.

#include <vector>

#include "model/record.h"
#include "model/report.h"

namespace minescan::judge {

// What `part` found and could not see becomes `whole`'s; its artifact's units follow whole's.  Each
// was judged for itself, so that no text of one artifact lowers a finding of another one.  Call
// finish() afterwards.
void add_part(Report& whole, Report part);

// Sorts, finds what the parts share, and sets the exit code.  `records` are those of all parts.
void finish(Report& whole, const std::vector<Record>& records);

}  // namespace minescan::judge
