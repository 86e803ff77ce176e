#pragma once
// What several formats say in the same words.  Where a name of the artifact, of a file or of a
// package belongs into a sentence the format puts it there, encoded; what stands here holds none,
// unless a function says that it is raw.

#include <string>
#include <vector>

#include "model/report.h"

namespace minescan::report {

// The one line that says what the exit code says: word, before, the artifact's name, after.
struct Headline {
  enum class Mood { good, doubtful, bad };
  Mood mood = Mood::good;
  std::string word;      // "FOUND", "CLEAN", "INCOMPLETE", "NO VERDICT"
  std::string before;    // " 2 errors, 1 note in "
  std::string after;     // "", " (found 1 note, none at or above error)"
  std::string coverage;  // "scanned 14 KB in 3 files, complete"
};
Headline headline(const Report& report);

// Findings that count, in the report's order; and those that are suppressed.
std::vector<const Finding*> counted_findings(const Report& report);
std::vector<const Finding*> suppressed_findings(const Report& report);

// Those that count of one level, a rule's together; rules in the order of their first finding.
struct RuleFindings {
  const Rule* rule = nullptr;
  std::vector<const Finding*> findings;
};
std::vector<RuleFindings> findings_by_rule(const Report& report, Level level);

// "2 errors, 1 note"; "" when there is none.  Suppressed ones do not count.
std::string counts(const Report& report);

// "3 files changed, 2 packages added or changed, 1 removed"
std::string review_counts(const Review& review);

// Raw.  "npm:@scope/demo@1.2.3" of a package URL; what is none stays as it is.
std::string package_text(const std::string& purl);
// Raw.  "package-lock.json:412"; "" when no lockfile names the package.
std::string lockfile_text(const Finding& finding);
// Raw.  The members on the way to the file, joined by " › "; of what is a unit itself the unit.
std::string file_text(const Trail& trail);
// Raw.  "npm:demo@1.0.0 to npm:demo@1.0.1", or the one that there is.
std::string package_change_text(const ReviewedPackage& package);

// "pack NAME version 7, signed with key 0123456789abcdef"
std::string pack_text(const SignaturePack& pack);

// "ignored", "in the baseline"; other kinds as they are (raw).
std::string suppression_text(const Suppression& suppression);

}  // namespace minescan::report
