#pragma once
// The headers of a tar, read in another process (model/task.h), which their bytes may have taken
// over.  An archive has gigabytes and its headers some KiB, so a task is one step: it reads the
// headers in a part of the file and says where the next part begins.  Bodies are passed over.
// Whatever comes back is checked as if the archive itself had said it.  Pure; fuzzed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace minescan::acquire {

// An archive of 500 layers and their legacy files has about 2,000.
inline constexpr std::size_t kMaxMembers = 100'000;
// Names of image archives are made of digests and fixed words.
inline constexpr std::size_t kMaxMemberName = 4096;
inline constexpr std::size_t kMaxArchiveNotes = 5;
// Of a part.  A walk looks ahead up to 16 MiB (kMaxPeek).
inline constexpr std::uint64_t kMaxPart = std::uint64_t{32} << 20;

struct StoredMember {
  enum class Kind { file, link, other };
  Kind kind = Kind::other;
  std::uint64_t offset = 0;  // of the body in the file
  std::uint64_t size = 0;    // as far as it is there
  std::string target;        // of links: the member's name meant, already resolved
  bool whole = true;         // false: the archive ends inside it
  bool plain = true;         // false: its bytes do not lie in one piece (sparse)
};

// What is asked.
struct ArchivePart {
  std::uint64_t file_size = 0;
  std::uint64_t offset = 0;
  ByteView bytes;     // of the file from there on; borrowed
  std::string state;  // as the part before left it; "" for the first one
};

// What comes back.
struct ArchiveHeaders {
  struct Named {
    std::string name;  // clean
    StoredMember member;
  };
  struct Next {
    std::uint64_t offset = 0;
    std::uint64_t least = 0;  // bytes from there that are needed to go on
    std::string state;
  };
  std::vector<Named> members;      // without directories, in the order of the file
  std::vector<std::string> notes;  // what was odd, for people; the first few
  // Why the archive is none to go on with: "has a member …", without its name.  Code::unsupported
  // when it is no tar.
  std::optional<Error> refused;
  std::optional<Next> next;  // nothing: the archive ends, or is refused
};

// The worker's side of it.
std::string archive_task(ByteView input);

std::string part_bytes(const ArchivePart& part);
std::string headers_bytes(const ArchiveHeaders& headers);
// nullopt when the bytes are none, or say what cannot be of this part: names that are not clean,
// bodies outside of the file, one within another, without room for their headers, a next part that
// does not go on behind all that, sentences that are not fit to be shown.
std::optional<ArchiveHeaders> headers_from_bytes(ByteView bytes, const ArchivePart& part);

// A name as the archive says it without "./", empty and "." components; nothing when it is absolute
// or has "..".  `base` is the directory that a link's target starts from; ".." may then lead up to
// the root of the archive, but not beyond.
std::optional<std::string> clean_name(const std::string& name, const std::string& base = "",
                                      bool up_allowed = false);

}  // namespace minescan::acquire
