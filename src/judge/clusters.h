#pragma once
// What several files of one run share: the wallet or the pool account that they work for, or all of
// their bytes.  Says
// that files which look unrelated come from one hand.

#include <vector>

#include "model/record.h"
#include "model/report.h"

namespace minescan::judge {

// Only values of which at least one file has a finding that is more than a note: wallet software
// has the same test addresses in many files.  At most kMostClusters; left_out is how many more
// there are.
inline constexpr std::size_t kMostClusters = 100;
std::vector<Cluster> make_clusters(const std::vector<Record>& records,
                                   const std::vector<Finding>& findings, std::size_t& left_out);

}  // namespace minescan::judge
