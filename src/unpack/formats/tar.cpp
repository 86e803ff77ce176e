// tar: v7, ustar, GNU and pax, as image layers, npm packages, crates and sdists are.
//
// Own code and not libarchive's: every byte must be accounted for, and libarchive stops where
// hostile archives go on: at a lone zero block, behind the end marker, at a bad checksum.  Here the
// walk goes on wherever a block has a header's checksum, and bodies are offered wherever they can
// be: on links, directories and unknown types too.  Where readers disagree about where a body
// ends, the reading that leads to another header is taken and the rest is looked at as plain bytes.

#include <algorithm>
#include <limits>

#include "base/printable.h"
#include "unpack/formats/all.h"
#include "unpack/formats/tar_header.h"
#include "unpack/tar_steps.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

// A pax header of more than this is not read (Go's limit is 1 MiB; real ones hold a few KiB).
constexpr std::uint64_t kLargestPax = std::uint64_t{4} << 20;
// Maps of GNU sparse 1.0: 65,536 regions of two numbers, each at most 20 digits and a newline.
constexpr std::uint64_t kMostRegions = 65536;
constexpr std::size_t kLargestMap = std::size_t{3} << 20;
// How far behind an end marker another header is looked for.
constexpr std::size_t kLookahead = std::size_t{1} << 20;

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

bool has_ustar_magic(ByteView block) { return as_text(block).substr(257, 5) == "ustar"; }

// A header, or a block that is one but for its checksum.
bool recognise_block(ByteView block) {
  if (is_zero(block)) return false;
  if (has_ustar_magic(block)) return has_tar_checksum(block) || plausible_tar_fields(block);
  if (!has_tar_checksum(block) || !plausible_tar_fields(block)) return false;
  const TarHeader header = parse_tar_header(block);
  const bool known_type = header.type == '\0' || (header.type >= '0' && header.type <= '7');
  return known_type && !header.name.empty();
}

bool recognise(ByteView head) {
  if (head.size() < kTarBlock) return false;
  if (recognise_block(head.first(kTarBlock))) return true;
  // Some writers begin with a block of zeros; readers with --ignore-zeros go on.
  return head.size() >= 2 * kTarBlock && is_zero(head.first(kTarBlock)) &&
         has_tar_checksum(head.subspan(kTarBlock, kTarBlock)) &&
         recognise_block(head.subspan(kTarBlock, kTarBlock));
}

bool is_boundary(ByteView block) {
  return is_zero(block) || (block.size() == kTarBlock && has_tar_checksum(block));
}

// The first header in `bytes`, which begin at a block; its offset.
std::optional<std::size_t> find_header(ByteView bytes) {
  for (std::size_t at = 0; at + kTarBlock <= bytes.size(); at += kTarBlock) {
    if (has_tar_checksum(bytes.subspan(at, kTarBlock))) return at;
  }
  return std::nullopt;
}

// What extended headers say about the next entry.
struct Pending {
  std::optional<std::string> name;
  std::optional<std::string> target;
  PaxRecords pax;
  bool any = false;
  unsigned pax_headers = 0;  // that are not global
  bool disputed = false;     // one of them is none to other readers
};

class TarWalk {
 public:
  TarWalk(Source& container, const Limits& limits, MemberSink& sink, TarPlace& place)
      : walk_("tar", container, limits, sink, place.counts), place_(place) {}

  // As step_tar().
  bool step();

 private:
  // One header or one run of other bytes.
  [[nodiscard]] bool one();
  void short_block(ByteView block);
  enum class Next { header, end, stop };
  [[nodiscard]] Next resync();
  [[nodiscard]] bool entry(ByteView block);
  [[nodiscard]] std::optional<std::string> header_body(const TarHeader& header, std::uint64_t most);
  void long_name(const TarHeader& header, std::optional<std::string>& into);
  void pax_header(const TarHeader& header);
  [[nodiscard]] bool offer(const TarHeader& header);
  [[nodiscard]] Member describe(const TarHeader& header);
  [[nodiscard]] std::optional<std::uint64_t> body_size(const TarHeader& header);
  [[nodiscard]] std::uint64_t disputed_size(std::uint64_t pax, std::uint64_t ustar);
  [[nodiscard]] std::uint64_t unexpected_body(std::uint64_t size);
  [[nodiscard]] std::optional<bool> ends_at_boundary(std::uint64_t size);
  void sparse_blocks();
  [[nodiscard]] std::uint64_t sparse_map(std::uint64_t size);

  Walk walk_;
  Pending pending_;
  TarPlace& place_;
};

bool TarWalk::step() {
  bool on = one();
  // A place lies between two entries, not between one and what describes it.
  while (on && pending_.any) on = one();
  place_.counts = walk_.counts();
  return on;
}

bool TarWalk::one() {
  const ByteView block = walk_.peek(kTarBlock);
  Next next = Next::end;
  if (block.size() < kTarBlock) {
    short_block(block);
  } else if (is_zero(block)) {
    place_.zero_blocks += walk_.own_zeros(kTarBlock) / kTarBlock;
    return true;
  } else if (has_tar_checksum(block)) {
    return entry(block);
  } else {
    next = resync();
  }
  if (next == Next::end && pending_.any) {
    walk_.anomaly("archive ends with a header that describes no entry");
  }
  return next == Next::header;
}

// The end of the container, or less than a block before it.
void TarWalk::short_block(ByteView block) {
  if (block.empty() || is_zero(block)) {
    walk_.own(block.size());
  } else if (place_.zero_blocks < 2) {
    walk_.own(block.size());
    walk_.gap(GapReason::decode_truncated, "tar archive ends in the middle of a block", 0);
  }
}

// At a block that is neither a header nor zeros.  `end`: the archive ended before it.
TarWalk::Next TarWalk::resync() {
  if (place_.zero_blocks >= 2) {
    const auto next = find_header(walk_.peek(kLookahead));
    if (!next) return Next::end;
    walk_.anomaly("archive has other bytes and then entries behind its end marker");
    return walk_.stray(*next) ? Next::header : Next::stop;
  }
  walk_.anomaly("archive has a block that is no header; the next one was searched");
  place_.zero_blocks = 0;
  // Pieces of a limited size, so that a boundary in each costs no look over all of what follows.
  const ByteView bytes = walk_.peek(kLookahead);
  std::size_t at = kTarBlock;
  while (at + kTarBlock <= bytes.size() && !is_boundary(bytes.subspan(at, kTarBlock))) {
    at += kTarBlock;
  }
  // A header with a wrong checksum would be taken for the begin of another archive.
  if (has_ustar_magic(bytes)) at -= walk_.own(kTarBlock);
  return walk_.stray(at) ? Next::header : Next::stop;
}

bool TarWalk::entry(ByteView block) {
  const TarHeader header = parse_tar_header(block);
  if (place_.zero_blocks == 1) walk_.anomaly("archive has a lone zero block before an entry");
  if (place_.zero_blocks >= 2) walk_.anomaly("archive has entries behind its end marker");
  place_.zero_blocks = 0;
  // Only with this magic everybody looks for a prefix.
  const bool prefix_disputed =
      header.dialect == TarHeader::Dialect::ustar &&
      as_text(block).substr(257, 8) != std::string_view("ustar\00000", 8) &&
      block[345] != std::byte{0};
  walk_.own(kTarBlock);
  switch (header.type) {
    case 'L':
      long_name(header, pending_.name);
      return true;
    case 'K':
      long_name(header, pending_.target);
      return true;
    case 'x':
    case 'X':  // Solaris' name for the same
    case 'g':
      pax_header(header);
      return true;
    default:
      pending_.disputed = pending_.disputed || prefix_disputed;
      return offer(header);
  }
}

// The body of an extended header, which is the archive's own; nothing when it is too large or cut.
std::optional<std::string> TarWalk::header_body(const TarHeader& header, std::uint64_t most) {
  if (!header.size || *header.size > most) {
    // Not skipped by the size it claims: that could hide everything behind it.
    walk_.gap(GapReason::limit_memory,
              "tar has an extended header that states more than " + std::to_string(most) +
                  " bytes; it was looked at as plain bytes",
              0);
    return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(*header.size);
  std::string text;
  if (size != 0) text = as_text(walk_.peek(size));
  const bool whole = text.size() == size;
  walk_.own(size + padding(size, kTarBlock));
  if (!whole) {
    walk_.gap(GapReason::decode_truncated, "tar archive ends inside an extended header", 0);
    return std::nullopt;
  }
  pending_.any = pending_.any || header.type != 'g';
  return text;
}

void TarWalk::long_name(const TarHeader& header, std::optional<std::string>& into) {
  const auto text =
      header_body(header, std::min<std::uint64_t>(walk_.limits().name_bytes, kMaxPeek));
  if (!text) return;
  if (into) walk_.anomaly("entry has two long names");
  pending_.disputed = pending_.disputed || into || up_to_nul(*text).empty();
  into = std::string(up_to_nul(*text));
}

void TarWalk::pax_header(const TarHeader& header) {
  const auto text = header_body(header, kLargestPax);
  if (!text) return;
  PaxRecords records = parse_pax(*text);
  for (const std::string& oddity : records.oddities) walk_.anomaly(oddity);
  if (header.type != 'g') {
    pending_.disputed = pending_.disputed || header.type == 'X' || ++pending_.pax_headers > 1;
    for (auto& [keyword, value] : records.values) {
      pending_.pax.values.insert_or_assign(keyword, std::move(value));
    }
    return;
  }
  // Readers disagree about these; no writer makes them.
  for (const char* keyword : {"path", "linkpath", "size"}) {
    if (records.text(keyword)) {
      walk_.anomaly(std::string("global header states a ") + keyword + " for all entries");
    }
  }
  const auto shared = [&](const char* keyword) {
    const auto value = records.text(keyword);
    return value ? std::make_shared<const std::string>(*value) : nullptr;
  };
  place_.path = shared("path");
  place_.linkpath = shared("linkpath");
}

Member TarWalk::describe(const TarHeader& header) {
  const PaxRecords& pax = pending_.pax;
  const auto first = [](std::initializer_list<std::optional<std::string>> choices,
                        const std::shared_ptr<const std::string>& global,
                        const std::string& otherwise) {
    for (const auto& choice : choices) {
      if (choice) return *choice;
    }
    return global ? *global : otherwise;
  };
  Member member;
  member.name = first({pax.text("GNU.sparse.name"), pax.text("path"), pending_.name}, place_.path,
                      header.name);
  // Readers agree about what tar programs write, and hardly about anything else.
  const auto major = pax.text("GNU.sparse.major");
  member.named_otherwise = pending_.disputed || place_.path != nullptr ||
                           (pending_.name && pax.text("path")) || pax.text("path") == "" ||
                           (pax.text("GNU.sparse.name") && major != "0" && major != "1");
  member.mode = header.mode;
  const auto sparse = pax.values.lower_bound("GNU.sparse.");
  member.sparse = header.type == 'S' ||
                  (sparse != pax.values.end() && sparse->first.starts_with("GNU.sparse."));
  switch (header.type) {
    case '1':
      member.kind = Member::Kind::hardlink;
      break;
    case '2':
      member.kind = Member::Kind::symlink;
      break;
    case '3':
    case '4':
    case '6':
      member.kind = Member::Kind::special;
      break;
    case '5':
    case 'D':  // GNU: a directory with a list of names as its body
      member.kind = Member::Kind::directory;
      break;
    case '\0':
    case '0':
      // v7 has no type for directories.
      if (member.name.ends_with('/')) member.kind = Member::Kind::directory;
      break;
    case '7':
    case 'S':
      break;
    default:
      walk_.anomaly("entry " + printable(member.name, 200) + " has the unknown type " +
                    printable(std::string_view(&header.type, 1)) + "; it was read as a file");
  }
  if (member.kind == Member::Kind::hardlink || member.kind == Member::Kind::symlink) {
    member.target = first({pax.text("linkpath"), pending_.target}, place_.linkpath, header.target);
  }
  return member;
}

bool TarWalk::offer(const TarHeader& header) {
  Member member = describe(header);
  auto size = body_size(header);
  if (header.sparse_continues) sparse_blocks();
  if (size && member.kind != Member::Kind::file && header.type != 'D' && *size != 0) {
    walk_.anomaly("entry " + printable(member.name, 200) + " should have no body but states one");
    size = unexpected_body(*size);
  }
  const auto major = pending_.pax.text("GNU.sparse.major");
  if (size && *size != 0 && major == "1") size = *size - sparse_map(*size);
  pending_ = {};
  if (!size) {
    walk_.gap(GapReason::parse_ambiguous,
              "tar entry " + printable(member.name, 200) +
                  " states no usable size; what follows was looked at as plain bytes",
              0);
  }
  member.most = size.value_or(0);
  BoundedSource body(walk_.container(), *member.most);
  if (!walk_.member(member, body)) return false;
  walk_.own(padding(size.value_or(0), kTarBlock));
  return true;
}

// How many bytes follow the header, from all that is said about that; nothing when it is no usable
// number.
std::optional<std::uint64_t> TarWalk::body_size(const TarHeader& header) {
  const std::uint64_t most = walk_.limits().unit_bytes;
  const bool usable = header.size && *header.size <= most;
  if (!pending_.pax.text("size")) {
    if (!usable) walk_.anomaly("entry states a size that is negative, no number or too large");
    return usable ? header.size : std::nullopt;
  }
  const auto pax = pending_.pax.number("size");
  if (!pax || *pax > most) {
    walk_.anomaly("extended header states a size that is no number or too large");
    return usable ? header.size : std::nullopt;
  }
  // The old field cannot hold more than eleven octal digits; writers then put anything there.
  constexpr std::uint64_t kLargestOctal = (std::uint64_t{1} << 33) - 1;
  if (!usable || *header.size == *pax || *pax > kLargestOctal) return pax;
  walk_.anomaly("entry states a size of " + std::to_string(*header.size) +
                " and its extended header one of " + std::to_string(*pax));
  return disputed_size(*pax, *header.size);
}

// The standard says pax; but an entry behind it that only the other reading finds must not be lost.
std::uint64_t TarWalk::disputed_size(std::uint64_t pax, std::uint64_t ustar) {
  const auto after_pax = ends_at_boundary(pax);
  if (after_pax == false && ends_at_boundary(ustar) == true) return ustar;
  return pax;
}

// Some old writers state a link's or directory's size without a body: then a header comes next.
std::uint64_t TarWalk::unexpected_body(std::uint64_t size) {
  const ByteView next = walk_.peek(kTarBlock);
  if (next.size() == kTarBlock && has_tar_checksum(next)) return 0;
  if (ends_at_boundary(size) == true) return size;
  return ends_at_boundary(0) == true ? 0 : size;
}

// Whether a body of this size is followed by a header, by zeros or by the end; nothing when that is
// too far away to see.
std::optional<bool> TarWalk::ends_at_boundary(std::uint64_t size) {
  if (size > kMaxPeek - 2 * kTarBlock) return std::nullopt;
  const auto end = static_cast<std::size_t>(size + padding(size, kTarBlock));
  const ByteView bytes = walk_.peek(end + kTarBlock);
  return bytes.size() >= end && is_boundary(bytes.subspan(end));
}

// Old GNU sparse files: more blocks of the map stand before the body.
void TarWalk::sparse_blocks() {
  constexpr std::size_t kContinues = 504;
  for (bool more = true; more;) {
    const ByteView block = walk_.peek(kTarBlock);
    if (block.size() < kTarBlock) return;
    if (has_tar_checksum(block)) {
      walk_.anomaly("sparse map is followed by a header instead of its next block");
      return;
    }
    more = block[kContinues] != std::byte{0};
    walk_.own(kTarBlock);
  }
}

// GNU sparse 1.0: the body begins with the number of regions and their offsets and sizes, a number
// a line, padded to whole blocks.  Passes that and returns how much it was.
std::uint64_t TarWalk::sparse_map(std::uint64_t size) {
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(size, kLargestMap));
  const std::string_view text = as_text(walk_.peek(most));
  const auto regions =
      number_in_text(text.substr(0, std::min(text.find('\n'), std::size_t{21})), 10);
  std::uint64_t lines = regions && *regions <= kMostRegions ? 1 + 2 * *regions : 0;
  std::size_t at = 0;
  for (; lines != 0 && at < text.size(); ++at) {
    if (text[at] == '\n') {
      --lines;
    } else if (text[at] < '0' || text[at] > '9') {
      break;
    }
  }
  const std::uint64_t end = at + padding(at, kTarBlock);
  if (lines != 0 || at == 0 || end > size) {
    walk_.anomaly("sparse file has no usable map; it was read as a plain file");
    return 0;
  }
  return walk_.own(end);
}

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  TarPlace place;
  TarWalk tar(container, limits, sink, place);
  while (tar.step()) {
  }
}

}  // namespace

bool step_tar(Source& container, const Limits& limits, MemberSink& sink, TarPlace& place) {
  return TarWalk(container, limits, sink, place).step();
}

const Format kTar{.name = "tar", .recognise = recognise, .walk = walk};

}  // namespace minescan::unpack
