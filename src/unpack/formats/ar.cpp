// ar: static libraries and Debian packages.  GNU's long names ("//" table), BSD's ("#1/12") and
// thin archives, whose members are elsewhere.

#include <algorithm>

#include "base/printable.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";
constexpr std::string_view kThinMagic = "!<thin>\n";
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kHeader = 60;
// Name tables of the largest static libraries hold a few MiB.
constexpr std::uint64_t kLargestNameTable = std::uint64_t{16} << 20;
static_assert(kLargestNameTable <= kMaxPeek);
// How far another header is looked for behind bytes that are none.
constexpr std::size_t kLookahead = std::size_t{1} << 20;

bool recognise(ByteView head) {
  return as_text(head).starts_with(kMagic) || as_text(head).starts_with(kThinMagic);
}

struct Header {
  std::string name;  // without the blanks behind it
  std::uint32_t mode = 0;
  std::uint64_t size = 0;
};

// Nothing unless the header's end marker and its size are right.
std::optional<Header> read_header(ByteView bytes) {
  if (bytes.size() < kHeader) return std::nullopt;
  const std::string_view text = as_text(bytes);
  const auto size = number_in_text(text.substr(48, 10), 10);
  if (text.substr(58, 2) != "`\n" || !size) return std::nullopt;
  Header header;
  header.name = text.substr(0, 16);
  header.name.erase(header.name.find_last_not_of(' ') + 1);
  header.mode = static_cast<std::uint32_t>(number_in_text(text.substr(40, 8), 8).value_or(0));
  header.size = *size;
  return header;
}

class ArWalk {
 public:
  ArWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("ar", container, limits, sink) {}

  void run() {
    thin_ = as_text(walk_.peek(kMagicBytes)) == kThinMagic;
    walk_.own(kMagicBytes);
    while (!walk_.at_end()) {
      const auto header = read_header(walk_.peek(kHeader));
      if (!header) {
        if (!resync()) return;
      } else if (!entry(*header)) {
        return;
      }
    }
  }

 private:
  bool resync();
  [[nodiscard]] bool entry(const Header& header);
  void name_table(std::uint64_t size);
  [[nodiscard]] std::string long_name(std::string_view name);
  [[nodiscard]] std::string bsd_name(Header& header);
  void pad(std::uint64_t size);

  Walk walk_;
  bool thin_ = false;
  std::string names_;  // GNU's table
};

// At bytes that are no header.  False: the archive ended before them.
bool ArWalk::resync() {
  const ByteView bytes = walk_.peek(kLookahead);
  for (std::size_t at = 1; at + kHeader <= bytes.size(); ++at) {
    if (bytes[at + 58] != std::byte{'`'} || !read_header(bytes.subspan(at))) continue;
    walk_.anomaly("archive has bytes between its members that belong to none");
    walk_.own(at);
    return true;
  }
  if (bytes.size() < kHeader) {
    walk_.gap(GapReason::decode_truncated, "ar archive ends inside a header", 0);
    walk_.own(bytes.size());
  }
  return false;
}

bool ArWalk::entry(const Header& stated) {
  Header header = stated;
  walk_.own(kHeader);
  if (header.name == "//") {
    name_table(header.size);
    return true;
  }
  Member member;
  member.mode = header.mode;
  const std::uint64_t stored = header.size;
  const bool is_index = header.name == "/" || header.name == "/SYM64/";
  if (is_index) {
    member.name = header.name;
    member.kind = Member::Kind::special;
  } else if (header.name.starts_with("#1/")) {
    member.name = bsd_name(header);
  } else {
    member.name = long_name(header.name);
  }
  // The files of a thin archive lie beside it and are looked at there.
  const bool elsewhere = thin_ && !is_index;
  if (elsewhere) member.kind = Member::Kind::special;
  BoundedSource body(walk_.container(), elsewhere ? 0 : header.size);
  if (!walk_.member(member, body)) return false;
  if (!elsewhere) pad(stored);
  return true;
}

void ArWalk::name_table(std::uint64_t size) {
  if (size > kLargestNameTable) {
    walk_.gap(GapReason::limit_memory, "ar archive has a table of names that is too large to read",
              0);
    names_.clear();
  } else {
    names_ = as_text(walk_.peek(static_cast<std::size_t>(size)));
  }
  walk_.own(size);
  pad(size);
}

// "name/", "name", or "/123", which is an offset into the table of names.
std::string ArWalk::long_name(std::string_view name) {
  const auto offset = name.starts_with('/') ? number_in_text(name.substr(1), 10) : std::nullopt;
  if (!offset) {
    if (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
    return std::string(name);
  }
  if (*offset >= names_.size()) {
    walk_.anomaly("member has a name behind the end of the table of names");
    return std::string(name);
  }
  const std::string_view rest = std::string_view(names_).substr(static_cast<std::size_t>(*offset));
  std::string_view found = rest.substr(0, rest.find('\n'));
  if (found.ends_with('/')) found.remove_suffix(1);
  return std::string(found);
}

// "#1/12": the first 12 bytes of the body are the name.
std::string ArWalk::bsd_name(Header& header) {
  const auto length = number_in_text(std::string_view(header.name).substr(3), 10);
  const std::uint64_t most = std::min(header.size, walk_.limits().name_bytes);
  if (!length || *length > most || *length > kMaxPeek) {
    walk_.anomaly("member " + printable(header.name) + " states a name that does not fit into it");
    return header.name;
  }
  std::string name(up_to_nul(as_text(walk_.peek(static_cast<std::size_t>(*length)))));
  walk_.own(*length);
  header.size -= *length;
  return name;
}

// Members begin at even offsets; some writers forget that.
void ArWalk::pad(std::uint64_t size) {
  if (size % 2 == 0) return;
  const ByteView next = walk_.peek(1);
  if (!next.empty() && next[0] == std::byte{'\n'}) walk_.own(1);
}

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  ArWalk(container, limits, sink).run();
}

}  // namespace

const Format kAr{.name = "ar", .recognise = recognise, .walk = walk};

}  // namespace minescan::unpack
