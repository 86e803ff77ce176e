#pragma once
// Hits as findings: where in which image, in what state, under which stable id, said in a sentence.

#include <vector>

#include "judge/rules.h"
#include "model/artifact.h"
#include "model/record.h"
#include "model/report.h"

namespace minescan::judge {

// Worst first, then by path, rule and offset.  Excerpts, captures and commands are masked.
std::vector<Finding> make_findings(const Artifact& artifact, const std::vector<Record>& records,
                                   const std::vector<Hit>& hits);

// "An XMRig miner, found in 'usr/bin/x' of layer 3 of 6 (deleted by layer 5 of 6)."  Names are raw
// bytes: reporters escape them.
std::string sentence(const Artifact& artifact, const Finding& finding);

// The order of findings in a report: worst first, then by path, rule and offset.
bool worse(const Finding& a, const Finding& b);

}  // namespace minescan::judge
