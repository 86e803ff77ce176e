#pragma once
// Which rules hold over the evidence of an artifact, and what they rest on.

#include <cstddef>
#include <string>
#include <vector>

#include "judge/knowledge.h"
#include "model/artifact.h"
#include "model/record.h"

namespace minescan::judge {

// The most evidence that one finding carries: people read three, tools a few.
inline constexpr std::size_t kEvidenceKept = 20;

// The file that evidence lies in, as Trail::file(), with the step {offset, "copy N"} where the
// trail has one right behind its last member: such a step tells several entries at one path of one
// archive apart.
Trail file_of(const Trail& trail);

// N of "copy N" behind the first member of a trail; 0 when there is no such step.
std::uint32_t copy_of(const Trail& trail);

// A rule that holds at one place: a file, a directory or the artifact, as the rule's scope says.
struct Hit {
  const Rule* rule = nullptr;
  const Context* context = nullptr;  // what lowers it at all its places; nullptr = nothing
  std::size_t unit = 0;              // of the file of its strongest evidence
  Trail file;                        // that file
  // Strongest first, at most kEvidenceKept; every indicator that the rule rests on is among them.
  std::vector<const Evidence*> evidence;
  std::vector<std::string> places;  // sorted keys of all files that its evidence lies in
  ViewMask views = 0;               // kinds of all its evidence
};

// Hits of rules that another hit's rule supersedes at the same place are left out.  The records
// must outlive the hits.
std::vector<Hit> evaluate(const Artifact& artifact, const std::vector<Record>& records,
                          const Knowledge& knowledge);

// Ids of the contexts that hold anywhere, sorted.
std::vector<std::string> contexts_in(const Artifact& artifact, const std::vector<Record>& records,
                                     const Knowledge& knowledge);

}  // namespace minescan::judge
