#include "judge/merge.h"

#include <algorithm>
#include <iterator>

#include "judge/clusters.h"
#include "judge/findings.h"
#include "judge/judge.h"
#include "judge/knowledge.h"

namespace minescan::judge {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void add_part(Report& whole, Report part) {
  append(whole.findings, part.findings);
  append(whole.anomalies, part.anomalies);
  append(whole.failures, part.failures);
  append(whole.policy_notes, part.policy_notes);
  append(whole.artifact.units, part.artifact.units);
  append(whole.artifact.notes, part.artifact.notes);
  append(whole.coverage.gaps, part.coverage.gaps);
  whole.coverage.ledger += part.coverage.ledger;
  whole.coverage.units += part.coverage.units;
  whole.coverage.unit_bytes += part.coverage.unit_bytes;
  whole.coverage.complete = whole.coverage.complete && part.coverage.complete;
}

void finish(Report& whole, const std::vector<Record>& records) {
  std::stable_sort(whole.findings.begin(), whole.findings.end(), worse);
  std::sort(whole.anomalies.begin(), whole.anomalies.end());
  std::sort(whole.coverage.gaps.begin(), whole.coverage.gaps.end());
  whole.clusters_left_out = 0;
  whole.clusters = make_clusters(records, whole.findings, whole.clusters_left_out);
  whole.exit_code = exit_code(whole);
}

}  // namespace minescan::judge
