#pragma once
// What examining one unit yields: evidence, coverage, and the facts that judging needs.  A value:
// small, and the same for the same bytes, signatures and limits on every machine.

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/gap.h"
#include "model/trail.h"
#include "model/view.h"

namespace minescan {

// One indicator seen at one place.
struct Evidence {
  std::string indicator;  // its id
  Trail trail;            // file, decoders and view
  ViewKind view = ViewKind::binary;
  std::uint64_t offset = 0;  // of the match, in the bytes that the trail names
  std::uint64_t length = 0;
  std::uint32_t line = 0;                       // 1-based in texts; 0 when lines mean nothing here
  std::uint32_t column = 0;                     // 1-based, in bytes
  std::map<std::string, std::string> captures;  // coin, wallet, host, port, algorithm …
  std::string excerpt;      // the match and a little around it, raw bytes, at most 200
  std::uint64_t count = 1;  // on the last one kept of a flood: how many there were in all
  auto operator<=>(const Evidence&) const = default;
};

// A path of the unit's outermost archive, as judging layers needs it.
struct PathEntry {
  enum class Kind { file, directory, symlink, hardlink, special };
  std::string path;  // cleaned: no leading "/" or "./", no "." components
  Kind kind = Kind::file;
  std::string target;  // of links, as the archive says it
  auto operator<=>(const PathEntry&) const = default;
};

// Sums over all nodes of a unit.  For every single node scanned + decoded + gap == bytes.
struct Ledger {
  std::uint64_t bytes = 0;
  std::uint64_t scanned = 0;  // matched
  std::uint64_t decoded = 0;  // became the bytes of child nodes
  std::uint64_t gap = 0;
  std::uint64_t nodes = 0;
  std::uint64_t files = 0;  // members of archives, and units that are no archive
  auto operator<=>(const Ledger&) const = default;
  Ledger& operator+=(const Ledger& more) {
    bytes += more.bytes;
    scanned += more.scanned;
    decoded += more.decoded;
    gap += more.gap;
    nodes += more.nodes;
    files += more.files;
    return *this;
  }
};

// Something odd about the bytes that is not a gap: readers disagree, a checksum is wrong.
struct Anomaly {
  Trail trail;
  std::string what;  // one sentence without full stop
  auto operator<=>(const Anomaly&) const = default;
};

// The digest of a file, or of what was decoded in it, that evidence was found in.
struct Content {
  Trail trail;
  std::string digest;  // "sha256:…"
  auto operator<=>(const Content&) const = default;
};

inline constexpr std::size_t kMostInstalled = 100'000;

// A package that lies unpacked in the unit, as one of its files says.
struct InstalledPackage {
  Trail trail;          // of the file that says so
  std::string package;  // package URL
  std::string folder;   // path of the folder of its files, without '/' at the end
  auto operator<=>(const InstalledPackage&) const = default;
};

struct Record {
  std::vector<Evidence> evidence;
  std::vector<Content> contents;  // not of what was too long to be seen whole
  std::vector<Gap> gaps;
  std::vector<Anomaly> anomalies;
  std::vector<PathEntry> paths;  // in the archive's order; only for units that are one archive
  std::vector<InstalledPackage> packages;  // at most kMostInstalled
  Ledger ledger;
  std::uint64_t unit_bytes = 0;  // of the unit as it is stored, as far as it was read
  std::string content_digest;    // of the unit's bytes after its outer compression ("" when it has
                                 // none): an image's diffID
  std::string packing;           // of a layer: the name of that compression; "" = none
  bool operator==(const Record&) const = default;
};

}  // namespace minescan
