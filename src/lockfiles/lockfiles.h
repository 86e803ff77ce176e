#pragma once
// Lockfiles: bytes in, the packages that they name out.  Pure: no files, no network, no package
// manager.  One source file per format, one table in lockfiles.cpp.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/dependency.h"

namespace minescan::lockfiles {

// Something that does not keep us from reading the rest: an entry that makes no sense, a part that
// contradicts another one, an include that is not there.
struct Problem {
  std::string file;
  std::uint32_t line = 0;
  std::string what;  // one sentence without full stop
  auto operator<=>(const Problem&) const = default;
};

// What a folder of the tree asks for, as the lockfile knows it.  A package manager that finds
// another wish in the folder's own file looks for packages anew, whatever the lockfile says.
struct Wish {
  std::string folder;  // seen from the lockfile's; "" = the same, "*" = any
  std::string name;    // by which it is installed
  std::string range;   // as written; "" = any range of versions
  auto operator<=>(const Wish&) const = default;
};

struct Lockfile {
  Ecosystem ecosystem = Ecosystem::npm;
  std::vector<Dependency> dependencies;  // in the file's order
  std::vector<Problem> problems;
  std::vector<Wish> wishes;  // sorted; of npm and its likes only
};

// Whether the lockfile was made for this wish of a folder.
bool knows_wish(const Lockfile& lockfile, std::string_view folder, std::string_view name,
                std::string_view range);

// The text of another file of the same tree, by its cleaned path from the tree's root; an Error
// when there is none.
using Read = std::function<Result<std::string>(const std::string& path)>;

// Whether a file of this path (from the tree's root) is a lockfile that is known.
bool is_lockfile(std::string_view path);

// The packages that it names.  The error is one sentence that begins with path and line:
// Code::corrupt for what does not follow its format, Code::unsupported for an unknown version or a
// binary form.
Result<Lockfile> parse(const std::string& path, ByteView bytes, const Read& read);

// What became of one package between two states of a lockfile.
struct Change {
  enum class Kind : std::uint8_t {
    added,
    removed,
    version,    // another version under the same name and place
    integrity,  // the same version with other digests, or with none any more
    files,      // the same version with files, digests or addresses that it did not have before
    source,     // the same version from another host, registry, repository or kind of source
  };
  Kind kind = Kind::added;
  Dependency before;  // empty when added
  Dependency after;   // empty when removed
};
std::string_view change_name(Change::Kind kind);  // "added", "removed", "version", …

// Sorted by the line after (of removed ones before).  Equal packages that a lockfile names several
// times are one.  Digests that were only added to or dropped from a longer list (a release that got
// another wheel) are a change of integrity only when none of the old ones is left, or when the file
// of the same name has another digest.
std::vector<Change> compare(const std::vector<Dependency>& before,
                            const std::vector<Dependency>& after);

}  // namespace minescan::lockfiles
