// zip, and all that is one: jar, wheel, apk, docx, nupkg.
//
// Own code: the file is read as a stream, from local header to local header, and the central
// directory, which comes last, is compared with what was walked.  That finds what streaming readers
// see and what readers by the directory see, several archives behind each other, and says where the
// readings differ.  Bytes between records are looked at as plain bytes.

#include <algorithm>

#include "base/printable.h"
#include "unpack/formats/all.h"
#include "unpack/formats/zip_body.h"
#include "unpack/formats/zip_directory.h"
#include "unpack/formats/zip_records.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

using namespace std::string_view_literals;

// How far behind an end record another archive is looked for; more than the longest comment.
constexpr std::size_t kLookahead = std::size_t{1} << 20;
// How much of a stored body is tried as deflate before all of it is.
constexpr std::size_t kTrial = std::size_t{64} << 10;
// Packed bodies up to this size are kept until they are decoded: a short plain text can look like
// packed data that ends too early.
constexpr std::size_t kCopied = std::size_t{4} << 10;

bool recognise(ByteView head) {
  const std::string_view text = as_text(head);
  if (text.starts_with("PK\3\4"sv)) return true;
  if (text.starts_with("PK00PK\3\4"sv) || text.starts_with("PK\7\x08PK\3\4"sv)) return true;
  // Without entries an archive is an end record that counts none.
  return text.size() >= zip::kEndBytes && text.starts_with("PK\5\6"sv) &&
         text.substr(4, 16) == std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
}

class ZipWalk {
 public:
  ZipWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("zip", container, limits, sink),
        start_(container.position()),
        directory_(walk_, start_) {}

  void run();

 private:
  [[nodiscard]] std::uint64_t offset() const { return walk_.position() - start_; }
  [[nodiscard]] bool record(std::uint32_t signature);
  [[nodiscard]] bool between_records();
  [[nodiscard]] bool behind_end();
  [[nodiscard]] bool local();
  void central();
  void end();
  void end64();
  void cut_short();

  [[nodiscard]] bool body(const zip::Entry& entry);
  [[nodiscard]] std::size_t longer_body(const zip::Entry& entry);
  [[nodiscard]] bool stored(const zip::Entry& entry, const Member& member);
  [[nodiscard]] bool stored_of_unknown_size(const zip::Entry& entry, const Member& member);
  [[nodiscard]] bool inflates(const zip::Entry& entry);
  [[nodiscard]] bool packed(const zip::Entry& entry, Member member);
  [[nodiscard]] bool broken(const zip::Entry& entry, Member member, BoundedSource& rest,
                            const std::string& copy);
  [[nodiscard]] bool closed(const zip::Entry& entry, const Member& member, GapReason reason,
                            const std::string& why);
  void verify(const zip::Entry& entry, const zip::ChecksumSource& body, std::uint64_t packed_bytes);

  Walk walk_;
  std::uint64_t start_;
  zip::Directory directory_;
  bool has_end_ = false;  // an end record was seen
  std::size_t comment_left_ = 0;
  std::uint64_t comment_end_ = 0;  // where the last end record's comment ends
  bool behind_end_ = false;        // the last record was an end record
  bool in_junk_ = false;
};

// A body states its size in front unless it says that a descriptor follows, or lies.
bool size_is_known(const zip::Entry& entry) {
  if (entry.packed != 0) return true;
  if ((entry.flags & zip::kFlagDescriptor) != 0) return false;
  return entry.size == 0 && entry.crc == 0;
}

std::string shown(const zip::Entry& entry) { return printable(entry.name, 200); }

void ZipWalk::run() {
  while (true) {
    const ByteView head = walk_.peek(4);
    if (head.empty()) break;
    if (const auto signature = zip::signature(head)) {
      if (!record(*signature)) return;
    } else if (!(behind_end_ ? behind_end() : between_records())) {
      break;
    }
  }
  directory_.finish();
  if (!has_end_) {
    walk_.gap(GapReason::decode_truncated, "zip archive ends without its end record", 0);
  }
}

bool ZipWalk::record(std::uint32_t signature) {
  if (behind_end_ && signature == zip::kDescriptor) return between_records();
  if (walk_.position() < comment_end_) {
    walk_.anomaly("archive has records in its comment, where some readers look for its directory");
    comment_end_ = 0;
  }
  in_junk_ = false;
  switch (signature) {
    case zip::kLocal:
      if (behind_end_) walk_.anomaly("archive has entries behind its end record");
      behind_end_ = false;
      return local();
    case zip::kCentral:
      behind_end_ = false;
      central();
      return true;
    case zip::kEnd:
      end();
      return true;
    case zip::kEnd64:
      behind_end_ = false;
      end64();
      return true;
    case zip::kLocator64:
      walk_.own(zip::kLocator64Bytes);
      return true;
    default:  // a descriptor that nothing announced, or the marker of a split archive
      walk_.own(4);
      return true;
  }
}

// Bytes that belong to no record, up to the next one.
bool ZipWalk::between_records() {
  if (!in_junk_ && zip::signature(walk_.peek(4)) == std::nullopt &&
      !as_text(walk_.peek(4)).starts_with("PK00")) {
    walk_.anomaly("archive has bytes between its records that belong to none");
  }
  in_junk_ = true;
  const ByteView bytes = walk_.peek(kLookahead);
  const auto next = zip::find_signature(bytes.subspan(1));
  const bool last = bytes.size() < kLookahead;
  return walk_.stray(next ? 1 + *next : last ? bytes.size() : bytes.size() - 3);
}

// Behind an end record: its comment, and perhaps another archive.  False: the walk ends.
bool ZipWalk::behind_end() {
  const ByteView bytes = walk_.peek(kLookahead);
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto found = zip::find_signature(bytes.subspan(at));
    if (!found) break;
    at += *found;
    const auto signature = zip::signature(bytes.subspan(at));
    if (signature == zip::kLocal || signature == zip::kCentral || signature == zip::kEnd) {
      return walk_.stray(at);
    }
    at += 4;
  }
  if (comment_left_ != 0) static_cast<void>(walk_.stray(comment_left_));
  return false;
}

void ZipWalk::cut_short() {
  walk_.gap(GapReason::decode_truncated, "zip archive ends inside a header", 0);
  walk_.own(4);
}

bool ZipWalk::local() {
  const ByteView fixed = walk_.peek(zip::kLocalBytes);
  const auto entry = zip::read_local(walk_.peek(zip::local_bytes(fixed)));
  if (!entry) {
    cut_short();
    return true;
  }
  directory_.add_local(offset(), *entry);
  walk_.own(entry->header_bytes);
  if (entry->broken_extra) walk_.anomaly("header of " + shown(*entry) + " lacks its zip64 sizes");
  return body(*entry);
}

void ZipWalk::central() {
  const ByteView fixed = walk_.peek(zip::kCentralBytes);
  const auto entry = zip::read_central(walk_.peek(zip::central_bytes(fixed)));
  if (!entry) return cut_short();
  directory_.add_central(offset(), *entry);
  walk_.own(entry->header_bytes);
}

void ZipWalk::end() {
  const auto end = zip::read_end(walk_.peek(zip::kEndBytes));
  if (!end) return cut_short();
  directory_.add_end(offset(), *end);
  walk_.own(zip::kEndBytes);
  has_end_ = behind_end_ = true;
  comment_left_ = end->comment;
  comment_end_ = walk_.position() + end->comment;
}

void ZipWalk::end64() {
  const auto end = zip::read_end64(walk_.peek(zip::kEnd64Bytes));
  if (!end) return cut_short();
  directory_.set_end64(*end);
  walk_.own(zip::kEnd64Bytes);
}

bool ZipWalk::body(const zip::Entry& entry) {
  Member member;
  member.name = entry.name;
  if (entry.name.ends_with('/')) member.kind = Member::Kind::directory;
  const auto method = zip::method_name(entry.method);
  if (entry.encrypted()) {
    return closed(entry, member, GapReason::decode_encrypted, "is encrypted");
  }
  if (!method) {
    return closed(entry, member, GapReason::decode_unsupported,
                  "is packed by method " + std::to_string(entry.method) + ", which is not read");
  }
  member.decoder = *method;
  if (entry.method != zip::kStored) return packed(entry, std::move(member));
  return size_is_known(entry) ? stored(entry, member) : stored_of_unknown_size(entry, member);
}

// A body that cannot be read.  The entry is offered without one, so that its name is known.
bool ZipWalk::closed(const zip::Entry& entry, const Member& member, GapReason reason,
                     const std::string& why) {
  EmptySource nothing;
  if (!walk_.offer(member, nothing)) return false;
  const std::string detail = "zip entry " + shown(entry) + " " + why;
  std::uint64_t size = 0;
  if (size_is_known(entry)) {
    if (entry.packed != 0) size = walk_.gap(reason, detail, entry.packed);
  } else {
    for (bool more = true; more;) {
      const ByteView bytes = walk_.peek(DecodingSource::kWindow);
      const bool last = bytes.size() < DecodingSource::kWindow;
      const auto search = zip::find_descriptor(bytes, size, false, last);
      if (search.body != 0) size += walk_.gap(reason, detail, search.body);
      more = !search.found && !last;
    }
  }
  if ((entry.flags & zip::kFlagDescriptor) == 0) return true;
  const auto descriptor = zip::read_descriptor(walk_.peek(zip::kLongestDescriptor), size, {});
  if (!descriptor) return true;
  directory_.set_body(size, descriptor->size, descriptor->crc);
  walk_.own(descriptor->bytes);
  return true;
}

// How long a body is that goes on behind the end that its header states, up to the next record: who
// reads by the directory may go by another size.  0 when a record follows, as it should.
std::size_t ZipWalk::longer_body(const zip::Entry& entry) {
  if (entry.packed > kMaxPeek - zip::kLongestDescriptor - 4) return 0;
  auto end = static_cast<std::size_t>(entry.packed);
  ByteView bytes = walk_.peek(end + zip::kLongestDescriptor + 4);
  if (bytes.size() <= end) return 0;
  if ((entry.flags & zip::kFlagDescriptor) != 0) {
    const auto descriptor = zip::read_descriptor(bytes.subspan(end), entry.packed, {});
    if (descriptor) end += descriptor->bytes;
  }
  if (bytes.size() - end < 4 || zip::signature(bytes.subspan(end))) return 0;
  bytes = walk_.peek(kMaxPeek);
  const auto next = zip::find_signature(bytes.subspan(end));
  if (!next) return 0;
  const ByteView more = bytes.subspan(end, *next);
  const bool zeros =
      std::all_of(more.begin(), more.end(), [](std::byte b) { return b == std::byte{0}; });
  return zeros ? 0 : end + *next;
}

bool ZipWalk::stored(const zip::Entry& entry, const Member& member) {
  if (const std::size_t size = longer_body(entry); size != 0) {
    walk_.anomaly("entry " + shown(entry) + " goes on behind the end that its header states");
    MemorySource longer(walk_.peek(size));
    if (!walk_.offer(member, longer)) return false;
  }
  if (inflates(entry)) {
    // All of it is at hand, so that it can be looked at twice: as what it is, and as what it is
    // said to be.
    const auto size = static_cast<std::size_t>(entry.packed);
    walk_.anomaly("entry " + shown(entry) + " is said to be stored but is deflated");
    MemorySource bytes(walk_.peek(size));
    zip::Entry real = entry;
    real.method = zip::kDeflate;
    const auto inflated = zip::decode_body(bytes, real, {}, walk_.limits());
    Member inner = member;
    inner.decoder = *zip::method_name(zip::kDeflate);
    if (!walk_.offer(inner, *inflated)) return false;
    walk_.own(size);
    return true;
  }
  BoundedSource bounded(walk_.container(), entry.packed);
  zip::ChecksumSource body(bounded);
  if (!walk_.member(member, body)) return false;
  if (!body.fault()) verify(entry, body, entry.packed);
  return true;
}

// Whether a body that is said to be stored is deflated in truth (CVE-2026-0866: unpackers of some
// installers look at the directory only).
bool ZipWalk::inflates(const zip::Entry& entry) {
  constexpr std::uint64_t kLeast = 16;  // shorter ones happen to inflate
  if (entry.packed < kLeast) return false;
  const auto start = static_cast<std::size_t>(std::min<std::uint64_t>(entry.packed, kTrial));
  auto trial = try_inflate(walk_.peek(start), Inflater::Checksum::crc32);
  if (!trial.good) return false;
  if (entry.packed > kMaxPeek) {
    walk_.gap(GapReason::parse_ambiguous,
              "zip entry " + shown(entry) + " is said to be stored but seems to be deflated", 0);
    return false;
  }
  const auto size = static_cast<std::size_t>(entry.packed);
  if (size > start) trial = try_inflate(walk_.peek(size), Inflater::Checksum::crc32);
  return trial.good && trial.end && trial.used == size && trial.made != 0;
}

bool ZipWalk::stored_of_unknown_size(const zip::Entry& entry, const Member& member) {
  const std::uint64_t begin = walk_.position();
  zip::StoredSource stored(walk_.container());
  zip::ChecksumSource body(stored);
  if (!walk_.member(member, body)) return false;
  if (!body.fault()) verify(entry, body, walk_.position() - begin);
  return true;
}

bool ZipWalk::packed(const zip::Entry& entry, Member member) {
  // Packed data says itself where it ends.
  const bool known = size_is_known(entry) && longer_body(entry) == 0;
  const std::uint64_t begin = walk_.position();
  std::string copy;
  if (known && entry.packed <= kCopied) {
    copy = as_text(walk_.peek(static_cast<std::size_t>(entry.packed)));
  }
  std::uint64_t left = entry.packed;
  std::string lzma_header;
  if (entry.method == zip::kLzma) {
    lzma_header = as_text(walk_.peek(zip::kLzmaHeader));
    lzma_header.resize(zip::kLzmaHeader);
    left -= walk_.own(known ? std::min<std::uint64_t>(left, zip::kLzmaHeader) : zip::kLzmaHeader);
  }
  BoundedSource bounded(walk_.container(), known ? left : 0);
  RestSource unbounded(walk_.container());
  const auto decoded = zip::decode_body(known ? static_cast<Source&>(bounded) : unbounded, entry,
                                        as_bytes(lzma_header), walk_.limits());
  zip::ChecksumSource body(*decoded);
  if (!walk_.offer(member, body)) return false;
  if (!body.peek(1).empty()) {  // the sink has enough of it, and its rest is no use
    skip_bytes(bounded, bounded.left());
    return true;
  }
  if (body.fault()) return broken(entry, std::move(member), bounded, copy);
  if (bounded.left() != 0) {
    walk_.anomaly("entry " + shown(entry) + " has bytes behind its packed data");
    if (!walk_.stray(bounded.left())) return false;
  }
  verify(entry, body, walk_.position() - begin);
  return true;
}

// The packed data of an entry turned out to be bad.  Perhaps it is not packed at all: unpackers
// that only look at the directory can be made to extract it as it is.
bool ZipWalk::broken(const zip::Entry& entry, Member member, BoundedSource& rest,
                     const std::string& copy) {
  member.decoder.clear();
  if (!copy.empty()) {
    walk_.own(rest.left());
    MemorySource plain(as_bytes(copy));
    return walk_.member(member, plain);
  }
  if (rest.left() != 0 && rest.position() == 0) {
    walk_.anomaly("entry " + shown(entry) +
                  " is not packed as it is said to be; it was read as if "
                  "it were stored");
    return walk_.member(member, rest);
  }
  walk_.own(rest.left());
  return true;
}

// Compares what the header, or the descriptor behind the body, says with what the body was.
void ZipWalk::verify(const zip::Entry& entry, const zip::ChecksumSource& body,
                     std::uint64_t packed_bytes) {
  std::uint32_t crc = entry.crc;
  bool sizes_match = packed_bytes == entry.packed && body.position() == entry.size;
  if ((entry.flags & zip::kFlagDescriptor) != 0) {
    const auto descriptor =
        zip::read_descriptor(walk_.peek(zip::kLongestDescriptor), packed_bytes, body.position());
    sizes_match = descriptor.has_value();
    if (descriptor) {
      crc = descriptor->crc;
      walk_.own(descriptor->bytes);
    }
  }
  if (!sizes_match) {
    walk_.anomaly("entry " + shown(entry) + " states other sizes than it has");
  } else if (crc != body.crc()) {
    walk_.anomaly("entry " + shown(entry) + " has a checksum that does not match");
  }
  const bool stated = size_is_known(entry) && (entry.flags & zip::kFlagDescriptor) == 0;
  if (!stated) directory_.set_body(packed_bytes, body.position(), body.crc());
}

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  ZipWalk(container, limits, sink).run();
}

}  // namespace

const Format kZip{.name = "zip", .recognise = recognise, .walk = walk};

}  // namespace minescan::unpack
