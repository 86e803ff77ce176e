#pragma once
// Containers and encodings.  The table in format.cpp lists them all; adding one is a source file in
// formats/ and a line there.  Content decides, never a name or a media type.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"
#include "model/gap.h"
#include "model/limits.h"
#include "unpack/beside.h"

namespace minescan::unpack {

// An entry of an archive.
struct Member {
  enum class Kind { file, directory, symlink, hardlink, special };
  std::string name;  // the bytes that the archive says, not cleaned
  Kind kind = Kind::file;
  std::string target;  // of links
  std::uint32_t mode = 0;
  std::string decoder;  // how the body was stored when not plainly: "deflate", "zstd" (zip methods)
  std::optional<std::uint64_t> most;  // bytes that the body can have, where that is sure beforehand
  bool sparse = false;                // the body lacks zeros that whoever unpacks it puts in
  bool named_otherwise = false;       // other readers find another name in the same bytes
};

// Takes what a walker finds, in the order of the bytes.
//
// The walker reads one container Source.  Every byte that it skips there is exactly one of: passed
// to on_bytes, named by on_gap, or read through the body of on_member.  That is what makes the
// ledger add up; a debug build of the tests checks it for every format.
class MemberSink {
 public:
  virtual ~MemberSink() = default;

  // One entry.  The body yields its decoded bytes (empty for directories; links and specials may
  // have a body in hostile archives: it is offered too) and dies on return.  The sink reads all of
  // it, or stops early when a limit was reached and reports that itself.  body.fault() is the
  // sink's to report.  The same name may come twice: a body that can be read in two ways is offered
  // in both, and one that nobody can read is offered empty, with a gap behind it.
  // Returns false to end the walk: a limit; the walker returns at once.
  virtual bool on_member(const Member& member, Source& body) = 0;

  // The container's own bytes: headers, names, padding, comments, what lies between entries.  They
  // are matched like any others.  `bytes` is what the container Source showed, before it is
  // skipped.
  virtual void on_bytes(ByteView bytes) = 0;

  // Bytes that belong to no entry and no record: junk between entries, a comment.  Nobody extracts
  // them, but somebody may read them.  Read like a member's body; returns what on_member does.
  virtual bool on_stray(Source& bytes);

  // Bytes of the container that nobody can look into; the walker skips them next.  A long gap comes
  // in adjacent pieces of the same reason and detail.  0 bytes: nobody knows how many are meant.
  virtual void on_gap(GapReason reason, std::string detail, std::uint64_t bytes) = 0;

  // Odd but readable: two headers disagree, a checksum is wrong.
  virtual void on_anomaly(std::string what) = 0;
};

struct Format {
  std::string_view name;  // "gzip": also the name of the decoder step in trails

  // Whether bytes that start with `head` (up to kHeadBytes of them, fewer at the end) are this.
  bool (*recognise)(ByteView head);

  // Exactly one of the two is set.
  // Encodings: a Source of the decoded bytes, which pulls from `parent` and must not outlive it.
  // When it ends, parent stands at the first byte that does not belong to the encoding (trailing
  // bytes are the caller's to look at).  Its fault() says why it ended early, if it did; after bad
  // data parent stands behind the encoding's magic and before the bytes that could not be decoded.
  // What the encoding carries beside its data is in beside().
  std::unique_ptr<Decoded> (*decode)(Source& parent, const Limits& limits);
  // Archives: walks to where the archive ends, then returns; what follows is the caller's.
  void (*walk)(Source& container, const Limits& limits, MemberSink& sink);

  // Install scripts lie among the archive's own bytes.
  bool runs_own_bytes = false;
  // Members are parts of the file that they lie in, not files: code for several processors.
  bool parts_of_file = false;
  // walk() keeps up to limits.decoder_memory bytes of the container.
  bool in_memory = false;

  // Formats that are only recognised (7z, RAR, …): neither decode nor walk; a gap for the caller.
};

// What recognise() wants to see: enough for the tar magic at 257 and a pax header before it, and
// for the superblocks of file systems, which begin at 1,024.
inline constexpr std::size_t kHeadBytes = 1536;

// The format of bytes that begin so, or nullptr.
const Format* recognise(ByteView head);

// The format that only the name of a file tells (brotli), or nullptr: a guess that is to be tried.
const Format* guess_by_name(std::string_view name);

const Format* format_by_name(std::string_view name);
std::vector<std::string_view> format_names();

}  // namespace minescan::unpack
