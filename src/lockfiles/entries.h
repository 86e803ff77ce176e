#pragma once
// What a parser of one format is given, and where it puts what it finds.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lockfiles/lockfiles.h"

namespace minescan::lockfiles {

struct Node;

inline constexpr std::size_t kMostEntries = 500'000;
inline constexpr std::size_t kMostProblems = 1000;
// Of all entries in memory.  A small text can name the same long list of digests many times.
inline constexpr std::size_t kMostEntryBytes = std::size_t{512} << 20;
// Files that a list of requirements includes.
inline constexpr std::size_t kDeepestInclude = 16;
inline constexpr std::size_t kMostIncludes = 256;
inline constexpr std::size_t kMostIncludedBytes = std::size_t{64} << 20;  // of all of them

struct Input {
  const std::string& path;
  std::string_view text;  // holds no NUL
  const Read& read;
};

// What in an entry can be none: its name, version, URL; one sentence.
std::optional<std::string> flaw_of(const Dependency& entry);

// Takes entries and problems, checks what every entry must be, and keeps the bounds.
class Entries {
 public:
  Entries(Ecosystem ecosystem, std::string path, std::size_t most_bytes = kMostEntryBytes);

  // Completes the entry (ecosystem, file, normalised name, a path's location from the tree's root)
  // and keeps it.  An entry whose name, version or URL can be none is a problem and is dropped; a
  // path outside of the tree, a file's name that can be none and a registry's package without a
  // version are problems.
  // `entry.line` must be set; `entry.file` when it is not the lockfile itself.
  void add(Dependency entry);

  // A wish of a folder as the lockfile names it: "" and "." are its own.
  void wish(std::string_view folder, std::string_view name, std::string_view range);
  // All wishes in the sections of a folder: texts by name, or maps with `member`.
  void wishes(std::string_view folder, const Node& sections, std::string_view member = {});

  void problem(std::uint32_t line, std::string what);
  void problem(std::string file, std::uint32_t line, std::string what);

  // The digests of a Subresource Integrity text; what is none is a problem of `entry`.
  void add_sri(const Dependency& entry, std::string_view sri, PackageFile& file);
  // Of "sha256:<hex>" likewise.
  void add_digest(const Dependency& entry, std::string_view digest, PackageFile& file);
  // Makes the entry one of git.  A place that names no commit is a problem.
  void set_git(Dependency& entry, std::string repository, std::string_view commit);
  // Likewise of a URL as git_place() reads it.
  void set_git(Dependency& entry, std::string_view url);

  // Nothing more is kept and take() will fail, so a parser may as well stop.
  [[nodiscard]] bool is_full() const { return is_full_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // All that was added, or the error that there was too much.
  Result<Lockfile> take();

 private:
  bool is_sound(const Dependency& entry);
  void place_in_tree(Dependency& entry);

  std::string path_;
  Lockfile lockfile_;
  bool is_full_ = false;
  std::size_t bytes_ = 0;
  std::size_t most_bytes_;
  std::size_t unlisted_problems_ = 0;
};

}  // namespace minescan::lockfiles
