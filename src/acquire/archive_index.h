#pragma once
// Where the members of a tar lie, so that an image archive can be read in any order without being
// unpacked.  One pass over the file; nothing is written.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/handle.h"
#include "base/result.h"
#include "base/source.h"

namespace minescan::acquire {

struct StoredMember {
  enum class Kind { file, link, other };
  Kind kind = Kind::other;
  std::uint64_t offset = 0;  // of the body in the file
  std::uint64_t size = 0;    // as far as it is there
  std::string digest;        // sha256 of the body; "" for blobs/…, whose name promises one
  std::string target;        // of links: the member's name meant, already resolved
  bool whole = true;         // false: the archive ends inside it
  bool plain = true;         // false: its bytes do not lie in one piece (sparse)
};

class ArchiveIndex {
 public:
  // Code::integrity when the archive is built so that readers disagree about it (a name twice with
  // different content, a name that leaves the archive), unsupported when it is no tar.
  static Result<ArchiveIndex> build(std::shared_ptr<const Fd> file, const std::string& path);

  // The file member of that name, through links.  Nothing when it is not there.
  [[nodiscard]] const StoredMember* find(const std::string& name) const;

  // Its bytes.  Code::not_found, or truncated and the like when it is not all there.
  [[nodiscard]] Result<std::unique_ptr<Source>> open(const std::string& name) const;

  // All of a small member in memory.
  [[nodiscard]] Result<std::string> read(const std::string& name, std::size_t limit) const;

  [[nodiscard]] const std::map<std::string, StoredMember>& members() const { return members_; }
  // What was odd about the archive, for people.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::shared_ptr<const Fd> file_;
  std::string path_;
  std::map<std::string, StoredMember> members_;
  std::vector<std::string> notes_;
};

// A name as the archive says it without "./", empty and "." components; nothing when it is absolute
// or has "..".  `base` is the directory that a link's target starts from; ".." may then lead up to
// the root of the archive, but not beyond.
std::optional<std::string> clean_name(const std::string& name, const std::string& base = "",
                                      bool up_allowed = false);

}  // namespace minescan::acquire
