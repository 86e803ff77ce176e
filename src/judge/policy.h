#pragma once
// What a user decided beforehand: the level that fails, and findings that were looked at and do not
// count.  It comes from a file that the user names or, for a gate, from the base revision; never
// from what is judged.
//
//   fail-on: warning
//   baseline: .minescan/baseline.json
//   ignore:
//     - rule: MSN5002
//       path: tools/bootstrap.sh            # members of archives after '!'
//       package: pkg:npm/foo@1.2.3          # optional: the file is in this package
//       sha256: 2c26b46b…                   # of the file, as reports show it
//       reason: our own installer, reviewed in change 1234
//       expires: 2027-03-01                 # the last day on which it counts; at most a year ahead
//   accept-gaps:
//     - gap: decode.encrypted
//       path: vendor/*.zip                  # optional; * and ? stand for any bytes
//       reason: their passwords are the vendor's, reviewed in change 1235
//       expires: 2027-03-01

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/report.h"

namespace minescan::judge {

struct Ignored {
  std::string rule;
  std::string path;
  std::string package;  // "" = of any or none
  std::string digest;   // "sha256:…"
  std::string reason;
  std::string expires;     // "2027-03-01"
  std::uint32_t line = 0;  // in the file
};

// Gaps that do not make a scan incomplete.  They are shown all the same.
struct AcceptedGap {
  GapReason reason = GapReason::internal_error;
  std::string path;  // "" = anywhere; matched with the members on the way, joined by '!', or with
                     // the unit's name where there are none
  std::string by;    // "--accept-gap decode.encrypted", "policy.yaml:12: …": who accepted it
  std::string expires;  // "" = never: it was said for this run
};

struct PolicyFile {
  std::string name;  // for messages
  std::optional<Level> fail_on;
  std::string baseline;  // path of a JSON report, as written; "" = none
  std::vector<Ignored> ignored;
  std::vector<AcceptedGap> accepted;
};

// The error says file, line and what is wrong: Code::usage.  `today` ("2026-11-30") bounds how far
// ahead an entry may expire.
Result<PolicyFile> parse_policy(const std::string& name, ByteView text, const std::string& today);

// Marks findings that an entry names.  Entries that are past their day or name nothing in the
// report become Report::policy_notes.
void apply_ignored(const PolicyFile& policy, const std::string& today, Report& report);

// Of "KIND" or "KIND:PATH", as --accept-gap takes it.  Code::usage names the kinds.
Result<AcceptedGap> parse_accepted_gap(const std::string& text);

// Marks gaps, and says whether the scan is complete with them.  Entries that are past their day or
// fit no gap become Report::policy_notes.  A transfer that failed stays no verdict.
void accept_gaps(const std::vector<AcceptedGap>& accepted, const std::string& today,
                 Report& report);

// What a finding says, whatever artifact it is in: its rule, path, and what its evidence captured.
// Two reports of two states of one thing have the same key where nothing is new.  `strip` leaves
// out the first folder, in which npm packages and crates carry their version.
std::string finding_key(const Finding& finding, bool strip);

// Marks findings whose keys or ids are among these.
struct Baseline {
  std::vector<std::string> keys;  // sorted
  std::vector<std::string> ids;   // "id digest", sorted
  bool strip = false;
  std::string reason;
};
void apply_baseline(const Baseline& baseline, Report& report);

// "id digest" of the findings in a JSON report of minescan, sorted: other bytes at the same place
// are another finding.  Code::usage when it is none.
Result<std::vector<std::string>> ids_in_report(const std::string& name, ByteView text);

}  // namespace minescan::judge
