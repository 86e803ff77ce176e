#include "app/inspect.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "acquire/acquire.h"
#include "app/sandbox.h"
#include "app/signatures.h"
#include "examine/collector.h"
#include "examine/examine.h"
#include "examine/worker/desk.h"
#include "judge/judge.h"
#include "match/matcher.h"
#include "model/inspection.h"
#include "report/inspection.h"

namespace minescan::app {

Result<int> run_inspect(const Options& options) {
  MINESCAN_TRY_ASSIGN(const auto signatures, load_signatures(options));
  const Limits limits;
  MINESCAN_TRY_ASSIGN(const Sandbox sandbox, Sandbox::start(options, signatures, limits));
  MINESCAN_TRY_ASSIGN(acquire::Acquired acquired, acquire::file(options.target));
  Inspection inspection{.file = options.target, .digest = acquired.artifact.digest};
  std::vector<Record> records;
  std::vector<Error> failures;
  for (const Unit& unit : acquired.artifact.units) {
    MINESCAN_TRY_ASSIGN(const auto source, acquired.opener->open(unit));
    if (sandbox.nursery() == nullptr) {
      MINESCAN_TRY_ASSIGN(const auto matcher, match::Matcher::create(signatures));
      examine::Collector collector(inspection);
      records.push_back(examine::examine(unit, *source, *matcher, limits, &collector));
    } else {
      examine::worker::Desk desk(*sandbox.nursery(), std::chrono::seconds(options.unit_seconds));
      auto outcome = desk.examine({.unit = unit, .inspected = true}, *source, nullptr);
      if (!outcome.record) {
        return fail(Code::internal, "the worker that looked at '" + options.target +
                                        "' was lost: " + outcome.lost.detail);
      }
      records.push_back(std::move(*outcome.record));
      std::move(outcome.inspection.nodes.begin(), outcome.inspection.nodes.end(),
                std::back_inserter(inspection.nodes));
      inspection.nodes_left_out += outcome.inspection.nodes_left_out;
    }
    if (const auto fault = source->fault()) failures.push_back(*fault);
  }
  for (Gap& gap : acquired.opener->late_gaps()) acquired.artifact.gaps.push_back(std::move(gap));
  Report report = judge::judge(std::move(acquired.artifact), records, std::move(failures),
                               *signatures, {.fail_on = Level::error});
  for (std::string& note : sandbox.notes()) report.artifact.notes.push_back(std::move(note));
  const bool json = !options.outputs.empty() && options.outputs.front().format == "json";
  const std::string text = json ? report::inspection_json(inspection, report)
                                : report::inspection_text(inspection, report);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return fail(Code::io, "the inspection could not be written to standard output");
  }
  return report.coverage.complete ? 0 : 3;
}

}  // namespace minescan::app
