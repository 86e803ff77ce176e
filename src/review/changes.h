#pragma once
// What a change means for those who will run it, said in lines that signatures match
// (ViewKind::change).  The lines are part of the signature language; signatures/changes/ knows
// them:
//
//   install hook postinstall added: node install.js
//   install hook postinstall changed: node install.js (was: node build.js)
//   base image changed: evil.example/node:20 (was: node:20)
//   requirement left-pad added: ^1.3.0     what a package asks for, whatever a lockfile makes of it
//   registry setting registry added: https://registry.example/
//   allow-list onlyBuiltDependencies added: esbuild
//   CI workflow added                      also: build script, git hook, start-up file, policy …
//   program added: ELF                     program changed: ELF
//   GPU code added
//   link added: ../../etc/passwd
//   submodule changed: 0123abcd…
//   dependency added: pkg:npm/foo@1.0.0 (install script, no integrity, from host x.example)
//   integrity changed: pkg:npm/foo@1.0.0 from … to …      also: integrity removed, integrity
//                                      added, integrity algorithm changed (bytes may be the same)
//   installed file differs: pkg:npm/foo@1.0.0 index.js       also: installed file is new
//   files changed: pkg:pypi/foo@1.0.0 from … to …   more files, digests or addresses than before
//   source changed: pkg:npm/foo@1.0.0 from a.example to b.example
//
// Pure functions; what they need of texts is read by another process (apart.h).

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lockfiles/lockfiles.h"
#include "match/signature_set.h"
#include "model/record.h"
#include "model/task.h"
#include "review/seen.h"

namespace minescan::review {

// What lines about requirements begin with.
inline constexpr std::string_view kRequirement = "requirement ";

// What such a line asks for; nullopt when it is none.
struct Requirement {
  std::string name;
  std::string range;
};
std::optional<Requirement> requirement_of(std::string_view line);

struct Line {
  std::string path;        // of the file that changed
  std::uint32_t line = 0;  // 1-based, in the file; 0 = the file as a whole
  std::string text;        // without line end
  auto operator<=>(const Line&) const = default;
};

// What became of files and of what they say.  Files that are the same on both sides say nothing.
struct Changed {
  std::vector<Line> lines;  // sorted by path and line
  struct Unread {
    std::string path;
    Error error;
  };
  std::vector<Unread> unread;  // files of which is not known what they say, and why
};
// The texts are read by the runner.
Changed compare_files(const SeenFiles& before, const SeenFiles& after, TaskRunner& runner);

// What changes of a lockfile say.  Removed packages say nothing.
std::vector<Line> compare_packages(const std::vector<lockfiles::Change>& changes);

// Calls take(path, lines) for lines about one file that lie in a row.
template <class Take>
void each_file(std::span<const Line> lines, const Take& take) {
  while (!lines.empty()) {
    std::size_t n = 1;
    while (n < lines.size() && lines[n].path == lines[0].path) ++n;
    take(lines[0].path, lines.first(n));
    lines = lines.subspan(n);
  }
}

// Has the runner look for signatures in lines about one file.  Evidence lies in `file`; its trail
// ends with a view "line 12" or "change".
Result<void> match_lines(std::span<const Line> lines, const Trail& file,
                         const match::SignatureSet& signatures, TaskRunner& runner,
                         std::vector<Evidence>& evidence);

}  // namespace minescan::review
