// cpio: initramfs images and the payload of RPM packages.  newc and its checksummed twin, odc, and
// the old binary form in both byte orders.

#include <algorithm>
#include <array>
#include <cstring>

#include "base/printable.h"
#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::string_view kTrailer = "TRAILER!!!";
constexpr std::size_t kLongestHeader = 110;
constexpr std::size_t kBinaryHeader = 26;
// How far another header is looked for behind the trailer.
constexpr std::size_t kLookahead = std::size_t{1} << 20;
constexpr std::uint64_t kLongestTarget = std::uint64_t{64} << 10;

// Bits of a mode that say what the entry is (stat(2)).
constexpr std::uint32_t kTypeBits = 0170000;
constexpr std::uint32_t kDirectory = 0040000;
constexpr std::uint32_t kFile = 0100000;
constexpr std::uint32_t kSymlink = 0120000;

struct Header {
  std::uint64_t mode = 0;
  std::uint64_t size = 0;
  std::uint64_t name_bytes = 0;  // with its NUL
  std::optional<std::uint32_t> sum;
  std::size_t bytes = 0;
  unsigned unit = 1;  // name and body are padded to multiples of this
};

// newc: "070701" or, with a sum of the body's bytes, "070702"; thirteen numbers of 8 hex digits.
std::optional<Header> read_newc(std::string_view text) {
  if (text.size() < 110 || !(text.starts_with("070701") || text.starts_with("070702"))) {
    return std::nullopt;
  }
  std::array<std::uint64_t, 13> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = number_in_text(text.substr(6 + 8 * i, 8), 16);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  Header header{
      .mode = numbers[1], .size = numbers[6], .name_bytes = numbers[11], .bytes = 110, .unit = 4};
  if (text[5] == '2') header.sum = static_cast<std::uint32_t>(numbers[12]);
  return header;
}

// odc: "070707" and octal numbers without padding (POSIX.1-1988).
std::optional<Header> read_odc(std::string_view text) {
  if (text.size() < 76 || !text.starts_with("070707")) return std::nullopt;
  for (std::size_t at = 6; at < 76; ++at) {
    if (text[at] < '0' || text[at] > '7') return std::nullopt;
  }
  return Header{.mode = number_in_text(text.substr(18, 6), 8).value_or(0),
                .size = number_in_text(text.substr(65, 11), 8).value_or(0),
                .name_bytes = number_in_text(text.substr(59, 6), 8).value_or(0),
                .bytes = 76};
}

// The old form: thirteen 16-bit numbers, larger ones as two of them with the high half first.
std::optional<Header> read_binary(ByteView bytes) {
  constexpr std::uint16_t kMagic = 070707;
  if (bytes.size() < kBinaryHeader) return std::nullopt;
  std::array<std::uint16_t, 13> numbers{};
  const bool big = Reader(bytes).big<std::uint16_t>() == kMagic;
  Reader reader(bytes);
  for (std::uint16_t& number : numbers) {
    number = (big ? reader.big<std::uint16_t>() : reader.little<std::uint16_t>()).value_or(0);
  }
  if (numbers[0] != kMagic) return std::nullopt;
  return Header{.mode = numbers[3],
                .size = std::uint64_t{numbers[11]} << 16 | numbers[12],
                .name_bytes = numbers[10],
                .bytes = kBinaryHeader,
                .unit = 2};
}

std::optional<Header> read_header(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (auto header = read_newc(text)) return header;
  if (auto header = read_odc(text)) return header;
  return read_binary(bytes);
}

// Two bytes of magic prove nothing: the name must be one, as far as it can be seen.
bool plausible_binary(ByteView bytes, const Header& header) {
  const auto type = static_cast<std::uint32_t>(header.mode) & kTypeBits;
  const bool known_type = type == kDirectory || type == kFile || type == kSymlink ||
                          type == 0020000 || type == 0060000 || type == 0010000;
  const auto name = Reader(bytes).slice(header.bytes, header.name_bytes);
  if (!name || header.name_bytes < 2) return false;
  const std::string_view text = as_text(*name);
  return text.find('\0') == text.size() - 1 &&
         (known_type || text.substr(0, text.size() - 1) == kTrailer);
}

bool recognise(ByteView head) {
  const auto header = read_header(head);
  return header && (header->bytes != kBinaryHeader || plausible_binary(head, *header));
}

// A header that a search may stop at.
std::optional<std::size_t> find_header(ByteView bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const void* zero = std::memchr(bytes.data() + at, '0', bytes.size() - at);
    if (zero == nullptr) return std::nullopt;
    at = static_cast<std::size_t>(static_cast<const std::byte*>(zero) - bytes.data());
    const std::string_view text = as_text(bytes).substr(at);
    if (read_newc(text) || read_odc(text)) return at;
    ++at;
  }
  return std::nullopt;
}

// The sum that "070702" states: of all bytes, modulo 2^32.
class SumSource final : public Source {
 public:
  explicit SumSource(Source& parent) : parent_(parent) {}
  ByteView peek(std::size_t want) override { return parent_.peek(want); }
  void skip(std::size_t n) override {
    for (const std::byte b : parent_.peek(std::max<std::size_t>(n, 1)).first(n)) {
      sum_ += std::to_integer<std::uint32_t>(b);
    }
    parent_.skip(n);
  }
  [[nodiscard]] std::uint64_t position() const override { return parent_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override { return parent_.fault(); }
  [[nodiscard]] std::uint32_t sum() const { return sum_; }

 private:
  Source& parent_;
  std::uint32_t sum_ = 0;
};

class CpioWalk {
 public:
  CpioWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("cpio", container, limits, sink) {}

  void run() {
    while (!walk_.at_end()) {
      const auto header = read_header(walk_.peek(kLongestHeader));
      if (header && is_plausible(*header)) {
        if (!entry(*header)) return;
      } else if (!resync()) {
        return;
      }
    }
    if (!behind_trailer_) {
      walk_.gap(GapReason::decode_truncated, "cpio archive ends without its trailer", 0);
    }
  }

 private:
  // Only the binary form needs a second look.
  [[nodiscard]] bool is_plausible(const Header& header) {
    if (header.bytes != kBinaryHeader) return true;
    const auto size = static_cast<std::size_t>(header.bytes + header.name_bytes);
    return plausible_binary(walk_.peek(size), header);
  }
  bool resync();
  [[nodiscard]] bool entry(const Header& header);
  [[nodiscard]] std::optional<std::string> name(const Header& header);

  Walk walk_;
  bool behind_trailer_ = false;
};

// At bytes that are no header.  False: the archive ended before them.
bool CpioWalk::resync() {
  // The kernel and cpio pad with NULs, to blocks of any size.
  if (behind_trailer_ && walk_.own_zeros(1) != 0) return true;
  const auto next = find_header(walk_.peek(kLookahead));
  if (!next) {
    if (behind_trailer_) return false;
    walk_.gap(GapReason::decode_corrupt, "cpio archive has bytes that are no header", 0);
    // The last bytes may be the start of a header that is only complete with what follows.
    const std::size_t seen = walk_.peek(kLookahead).size();
    walk_.own(seen < kLookahead ? seen : seen - kLongestHeader);
    return true;
  }
  walk_.anomaly("archive has bytes between its entries that belong to none");
  walk_.own(*next);
  return true;
}

std::optional<std::string> CpioWalk::name(const Header& header) {
  if (header.name_bytes > walk_.limits().name_bytes || header.name_bytes > kMaxPeek) {
    // Not skipped by the size it claims: that could hide everything behind it.
    walk_.gap(GapReason::limit_memory, "cpio entry states a name that is too long to read", 0);
    return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(header.name_bytes);
  std::string name(up_to_nul(as_text(walk_.peek(size))));
  walk_.own(size + padding(header.bytes + size, header.unit));
  return name;
}

bool CpioWalk::entry(const Header& header) {
  walk_.own(header.bytes);
  const auto entry_name = name(header);
  if (!entry_name) return true;
  if (*entry_name == kTrailer && header.size == 0) {
    behind_trailer_ = true;
    return true;
  }
  if (behind_trailer_) walk_.anomaly("archive has entries behind its trailer");
  behind_trailer_ = false;
  Member member;
  member.name = *entry_name;
  member.mode = static_cast<std::uint32_t>(header.mode) & ~kTypeBits;
  const auto type = static_cast<std::uint32_t>(header.mode) & kTypeBits;
  BoundedSource bounded(walk_.container(), header.size);
  if (type == kSymlink) {
    member.kind = Member::Kind::symlink;
    const auto size = static_cast<std::size_t>(std::min(header.size, kLongestTarget));
    member.target = as_text(walk_.peek(size));
  } else if (type == kDirectory) {
    member.kind = Member::Kind::directory;
  } else if (type != kFile && type != 0) {
    member.kind = Member::Kind::special;
  }
  SumSource summed(bounded);
  if (!walk_.member(member, header.sum ? static_cast<Source&>(summed) : bounded)) return false;
  if (header.sum && !bounded.fault() && summed.sum() != *header.sum) {
    walk_.anomaly("entry " + printable(member.name, 200) + " has a checksum that does not match");
  }
  walk_.own(padding(header.size, header.unit));
  return true;
}

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  CpioWalk(container, limits, sink).run();
}

}  // namespace

const Format kCpio{.name = "cpio", .recognise = recognise, .walk = walk};

}  // namespace minescan::unpack
