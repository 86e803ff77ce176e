#pragma once
// Two states of a git repository and what differs between them.  Read through libgit2: no git
// program, no check-out, no hook, no filter and no attribute of the repository has a say.  Only
// the owner's own git configuration is read (safe.directory).

#include <cstdint>
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
};

// `path` lies in the repository.  When base and head have a common ancestor, the head is compared
// with that, as a pull request is.  Code::usage for what is no repository, Code::not_found for a
// revision that is not there, with what to do about it.
Result<std::unique_ptr<Comparison>> compare_revisions(const std::string& path,
                                                      const std::string& base,
                                                      const Revision& head);

}  // namespace minescan::acquire
