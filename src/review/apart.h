#pragma once
// What reads texts of a change in another process (model/task.h), and believes of what comes back
// only what could have been said.

#include <optional>
#include <string>
#include <vector>

#include "match/matcher.h"
#include "model/task.h"
#include "review/changes.h"

namespace minescan::review {

// The facts (facts.h) that `after` says and `before` does not, as lines about the file; of a file
// that is new `before` is nullptr.  Errors are the runner's.
Result<std::vector<Line>> compare_facts(TaskRunner& runner, const std::string& path,
                                        const std::string* before, const std::string& after);
std::optional<std::vector<Line>> fact_lines_from_bytes(ByteView bytes, const std::string& path,
                                                       const std::string& after);

// Matches in texts, by text; the answer of changes_task().
using Matches = std::vector<std::vector<match::Match>>;
std::string matches_bytes(const Result<Matches>& matches);
// nullopt also when a match is not of an indicator for changes, or does not lie in its text.
std::optional<Result<Matches>> matches_from_bytes(ByteView bytes,
                                                  const std::vector<std::string>& texts,
                                                  const match::SignatureSet& signatures);

// The worker's sides.
std::string facts_task(ByteView input);
std::string changes_task(ByteView input, match::Matcher& matcher);

}  // namespace minescan::review
