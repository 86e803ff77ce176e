#pragma once
// What is read of a git repository, with libgit2: no git program, no check-out, no hook, no filter.
// Of the files of a working tree only how they differ; their bytes are read by work_tree.h.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "acquire/git/object.h"
#include "acquire/repository.h"
#include "base/result.h"
#include "model/readable.h"

namespace minescan::acquire {

// Files of one state, and bytes of one path: as of an archive (model/limits.h).
inline constexpr std::size_t kMostPaths = 2'000'000;
inline constexpr std::size_t kMostPathBytes = std::size_t{1} << 20;
// What is said above kMostPaths; Code::limit_entries.
tl::unexpected<Error> too_many_paths();

// What a comparison came to.
struct Compared {
  std::string work_tree;  // absolute; "" in a bare repository
  std::string base_name, head_name;
  std::vector<FileChange> changes;  // as Comparison::changes()
};

// Whether a file of a tree can have the path: relative, no part of it is empty, "." or "..".
bool is_path_in_tree(std::string_view path);

// One thread at a time.
class GitReader {
 public:
  virtual ~GitReader() = default;
  [[nodiscard]] virtual const Compared& compared() const = 0;
  // What is behind the paths on one side, in their order; not asked of a working tree.
  virtual Result<std::vector<TreeFile>> find(Comparison::Side side,
                                             const std::vector<std::string>& paths) = 0;
  // All files of one side, sorted; of a working tree those that git tracks.
  virtual Result<std::vector<std::string>> paths(Comparison::Side side) = 0;
  // A blob by its id; `path` is for what errors say.  Code::limit_bytes above `limit`.
  virtual Result<std::string> blob(const std::string& id, const std::string& path,
                                   std::uint64_t limit) = 0;
  // Why nothing that it says counts any more, once that is so.
  [[nodiscard]] virtual Result<void> alive() const { return {}; }
};

// Reads in this process, in steps, so that the process can lock itself in between them.
class GitRepository : public GitReader {
 public:
  // Finds the repository, asks the owner's configuration whether it may be read, and reads its own;
  // nothing of objects, references and the index.  Errors: as compare_revisions().
  static Result<std::unique_ptr<GitRepository>> open(const std::string& path);
  // What it still needs to read, now that the configurations are known: they are none of it, since
  // they may hold passwords.  Whatever it opens from then on knows no configuration of the owner.
  virtual std::vector<Readable> places(const Question& question) = 0;
  // Once; everything else is asked after it.  `beat` is called now and then.
  virtual Result<void> compare(const Question& question, const std::function<void()>& beat) = 0;
};

// What is slow and needs no untrusted byte.
void start_libgit2();

}  // namespace minescan::acquire
