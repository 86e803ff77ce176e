#pragma once
// Two states of a git repository and what differs between them.  Git's files are read through
// libgit2 (git/reader.h), by another process where there is one (git/apart.h): no git program, no
// check-out, no hook, no filter and no attribute of the repository has a say.  Only the owner's own
// git configuration is read (safe.directory).

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "acquire/acquire.h"
#include "base/result.h"

namespace minescan::acquire {

// One state of the tree.
struct Revision {
  enum class Kind : std::uint8_t { commit, index, working_tree };
  Kind kind = Kind::working_tree;
  std::string name;  // of a commit: anything that git rev-parse takes
};

// One path in one state.
struct TreeFile {
  enum class Kind : std::uint8_t { none, file, executable, link, submodule };
  Kind kind = Kind::none;
  std::string id;  // of its blob, or of a submodule's commit; "" in the working tree
  auto operator<=>(const TreeFile&) const = default;
};

struct FileChange {
  std::string path;  // from the root of the repository, raw bytes
  TreeFile before;   // Kind::none when the change adds it
  TreeFile after;    // Kind::none when the change removes it
};

class Comparison {
 public:
  virtual ~Comparison() = default;
  [[nodiscard]] virtual const std::string& root() const = 0;  // path of the repository
  // "origin/main (commit 0123456789ab)", "working tree"
  [[nodiscard]] virtual const std::string& base_name() const = 0;
  [[nodiscard]] virtual const std::string& head_name() const = 0;
  // By path.  Of the working tree also files that git does not track and is not told to ignore.
  [[nodiscard]] virtual const std::vector<FileChange>& changes() const = 0;

  // One whole file of one side; of a link its target.  Code::not_found, Code::limit_bytes above
  // `limit`.  `trusted` is the base revision itself: what decides about the change is read there.
  // It differs from the base side when the change began before the base's latest commits.
  enum class Side : std::uint8_t { base, head, trusted };
  virtual Result<std::string> read(Side side, const std::string& path, std::uint64_t limit) = 0;

  [[nodiscard]] virtual bool is_link(Side side, const std::string& path) = 0;

  // The paths of all files of one side, sorted; of the working tree those that git tracks and those
  // that the change adds.
  virtual Result<std::vector<std::string>> paths(Side side) = 0;

  // What is behind these paths on one side, as a tree; paths as compared.  What cannot be a file
  // of a tree (a submodule) is a gap.
  virtual Result<Acquired> files(Side side, const std::vector<std::string>& paths) = 0;

  // The error that any of the above met and that leaves nothing to rely on: the process that reads
  // git's files was lost.  To be asked before a verdict.
  [[nodiscard]] virtual Result<void> alive() = 0;
};

// What is compared.
struct Question {
  std::string path;  // lies in the repository
  std::string base;
  Revision head;
  std::string index_file;  // of git's environment; "" = the repository's own
};

// Another process that answers the question (ComparisonServer in git/apart.h), as its parent has
// it.
struct Peer {
  int socket = -1;
  std::chrono::milliseconds patience{0};  // with one that says nothing
  std::function<std::string()> end;       // ends it, and says how it ended
};

// When base and head have a common ancestor, the head is compared with that, as a pull request is.
// With a peer, which outlives what is returned, git's files are read by that one, else here.
// Code::usage for what is no repository, Code::not_found for a revision that is not there, with
// what to do about it; Code::worker_crash and worker_timeout when the peer was lost or not
// believed.
Result<std::unique_ptr<Comparison>> compare_revisions(const Question& question,
                                                      const Peer* peer = nullptr);

}  // namespace minescan::acquire
