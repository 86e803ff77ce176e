#pragma once
// What judging yields and reporters write.  Reporters only write what stands here.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/artifact.h"
#include "model/record.h"
#include "model/rule.h"
#include "model/signature_pack.h"

namespace minescan {

// Whether a file is in the file system that a container of the image sees.
enum class State : std::uint8_t {
  present,
  overwritten,  // a later layer has another file at its path
  deleted,      // a later layer removes it (whiteout, opaque directory); still in the pulled bytes
  unreachable,  // in the bytes, but no extraction yields it (body of a link, shadowed entry)
};
std::string_view state_name(State state);

// Where in an image something was found; one per platform and place that uses the unit.
struct ImagePlace {
  std::string platform;         // "linux/amd64"
  std::size_t layer_index = 0;  // 0-based from the lowest layer; meaningless for config units
  std::size_t layer_count = 0;
  std::string layer_digest;  // "" for config units
  std::string command;       // history entry that made the layer
  State state = State::present;
  std::string hidden_by;  // "layer 5 of 6: RUN rm …"; "" when present
};

// Why a finding is shown but does not count.
struct Suppression {
  std::string kind;    // "ignored" (an entry of the ignore list), "baseline" (it was there before)
  std::string reason;  // as whoever ignored it wrote; of a baseline what it was compared with
};

struct Finding {
  std::string id;  // stable over rebuilds: 16 hex digits from rule, artifact name, path, family
  const Rule* rule = nullptr;        // the SignatureSet outlives the report
  Level level = Level::note;         // the rule's, or less where a context lowers it
  const Context* context = nullptr;  // what lowered it; nullptr = nothing did
  Trail trail;                       // the file
  std::string digest;                // "sha256:…" of the bytes; "" when they were not seen whole
  std::string path;  // top-level path in the image, tree or package; "" for the config
  State state = State::present;
  std::vector<ImagePlace> places;  // only for images
  std::string package;  // package URL of the package that the file belongs to; "" = of none
  // Where a lockfile of the reviewed tree names that package; "" = by no lockfile.
  std::string lockfile;
  std::uint32_t lockfile_line = 0;  // 1-based
  std::optional<Suppression> suppressed;
  std::vector<Evidence> evidence;  // what it rests on, strongest first, at least one
  std::string message;             // one self-contained sentence: what, where
};

// One value that several files share: who placed them is the same.
struct Cluster {
  std::string kind;                   // "wallet", "account", "payload" (a digest)
  std::string value;                  // as captured
  std::string coin;                   // of wallets; "" when not known
  std::vector<Trail> files;           // sorted, at least two
  std::vector<std::string> findings;  // ids of findings in these files, sorted
};

// What became of one package between the two states of a tree that a gate compares.
struct ReviewedPackage {
  std::string change;  // "added", "removed", "version", "integrity", "source"
  std::string before;  // package URL; "" when added
  std::string after;   // package URL; "" when removed
  std::string lockfile;
  std::uint32_t line = 0;
  // "scanned", "removed", "not scanned: …" (a gap says so too), "in the tree" (a path of it),
  // "bundled" (inside another package).
  std::string outcome;
};

// What was compared with what.
struct Review {
  std::string base;                       // "origin/main (commit 0123456789ab)"
  std::string head;                       // "working tree", "index", "HEAD (commit …)"
  std::uint64_t files_changed = 0;        // added or changed files of the tree
  std::vector<ReviewedPackage> packages;  // by lockfile, then line
};

struct Coverage {
  Ledger ledger;  // summed over the units
  std::uint64_t units = 0;
  std::uint64_t unit_bytes = 0;  // bytes of units as stored
  std::vector<Gap> gaps;         // sorted
  bool complete = true;          // no gap but those that are outside, and no failure
};

struct Report {
  Artifact artifact;
  std::vector<Finding> findings;  // worst first, then path, rule, offset
  std::vector<Cluster> clusters;  // most files first, then by kind and value
  std::size_t clusters_left_out = 0;
  std::vector<Anomaly> anomalies;
  Coverage coverage;
  std::vector<Error> failures;   // integrity or transfer failures: no verdict unless findings
  std::optional<Review> review;  // only of a gate
  std::vector<std::string> policy_notes;  // expired and unused entries of the ignore list
  Level fail_on = Level::error;
  int exit_code = 2;
  std::string tool_version;
  std::string signatures_digest;
  std::size_t signatures_count = 0;
  std::optional<SignaturePack> signatures_pack;  // the file that they came in
  std::vector<const Rule*> rules;                // all enabled ones, by id; for SARIF
};

}  // namespace minescan
