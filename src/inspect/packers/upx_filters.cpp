// What UPX's filters did to displacements, by their numbers.  Each is described by what it looks
// for and how it wrote the place that a call or jump goes to.

#include <algorithm>
#include <array>
#include <utility>

#include "inspect/packers/upx_parts.h"

namespace minescan::inspect::packers {
namespace {

// The code as numbers of either byte order.
class Code {
 public:
  explicit Code(std::span<char> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::uint32_t at(std::size_t i) const {
    return static_cast<unsigned char>(bytes_[i]);
  }
  [[nodiscard]] std::uint32_t little(std::size_t i) const {
    return at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
  }
  [[nodiscard]] std::uint32_t big(std::size_t i) const {
    return at(i) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3);
  }
  void put_little(std::size_t i, std::uint32_t value) {
    for (std::size_t k = 0; k < 4; ++k) bytes_[i + k] = static_cast<char>(value >> (8 * k) & 0xff);
  }
  void put_big(std::size_t i, std::uint32_t value) {
    for (std::size_t k = 0; k < 4; ++k) {
      bytes_[i + k] = static_cast<char>(value >> (24 - 8 * k) & 0xff);
    }
  }
  void swap(std::size_t a, std::size_t b) { std::swap(bytes_[a], bytes_[b]); }

 private:
  std::span<char> bytes_;
};

constexpr std::uint32_t kCall = 0xe8;
constexpr std::uint32_t kJump = 0xe9;

// 0x11 to 0x19: every call, jump or both; its place in the same byte order, or in the other one.
void undo_plain(std::uint8_t filter, std::uint32_t added, Code code) {
  const unsigned which = (filter - 0x11U) % 3;
  const unsigned order = (filter - 0x11U) / 3;
  for (std::size_t i = 0; i + 5 < code.size(); ++i) {
    const bool call = code.at(i) == kCall && which != 1;
    const bool jump = code.at(i) == kJump && which != 0;
    if (!call && !jump) continue;
    const std::uint32_t place = order == 1 ? code.big(i + 1) : code.little(i + 1);
    const std::uint32_t displacement = place - static_cast<std::uint32_t>(i + 1) - added;
    if (order == 2) {
      code.put_big(i + 1, displacement);
    } else {
      code.put_little(i + 1, displacement);
    }
    i += 4;
  }
}

// 0x24 to 0x26, 0x36, 0x46 and 0x49: those that go to a place within, which a first byte marks;
// 0x49 takes conditional jumps too.
void undo_marked(std::uint8_t filter, std::uint8_t value, std::uint32_t added, Code code) {
  const bool calls = filter != 0x25;
  const bool jumps = filter != 0x24;
  std::size_t last = 0;  // end of the last displacement
  for (std::size_t i = 0; i + 5 < code.size(); ++i) {
    const bool call = (code.at(i) == kCall && calls) || (code.at(i) == kJump && jumps);
    const bool conditional = filter == 0x49 && i != last && i > 0 && code.at(i - 1) == 0x0f &&
                             code.at(i) >= 0x80 && code.at(i) <= 0x8f;
    if ((!call && !conditional) || code.at(i + 1) != value) continue;
    code.put_little(i + 1, code.big(i + 1) - (std::uint32_t{value} << 24) -
                               static_cast<std::uint32_t>(i + 1) - added);
    i += 4;
    last = i + 1;
  }
}

// 0x80 to 0x87: the same, and a place that was met lately is its number in a list of 32, the newest
// first.  What kinds are changed, and which of them use the list, is in the filter's number.
class RecentPlaces {
 public:
  std::uint32_t take(std::uint32_t packed) {
    const std::uint32_t number = packed >> 1;
    if ((packed & 1) != 0) {
      newest_ = before(newest_);
      places_[newest_] = number;
      return number;
    }
    const std::size_t slot = (number + newest_) % kPlaces;
    const std::uint32_t place = places_[slot];
    newest_ = before(newest_);
    if (places_[newest_] == 0) {
      // The list is not full yet: its oldest one takes the slot.
      oldest_ = before(oldest_);
      places_[slot] = std::exchange(places_[oldest_], 0);
    } else {
      places_[slot] = places_[newest_];
    }
    places_[newest_] = place;
    return place;
  }

 private:
  static constexpr std::size_t kPlaces = 32;
  static std::size_t before(std::size_t slot) { return slot == 0 ? kPlaces - 1 : slot - 1; }

  std::array<std::uint32_t, kPlaces> places_{};
  std::size_t newest_ = 0;
  std::size_t oldest_ = 0;
};

void undo_recent(std::uint8_t filter, std::uint8_t value, Code code) {
  enum : unsigned { unchanged, changed, listed };
  const unsigned calls = (1U + (filter & 15U)) % 3;
  const unsigned jumps = (1U + (filter & 15U)) / 3 % 3;
  RecentPlaces recent;
  std::size_t last = 0;
  for (std::size_t i = 0; i + 5 < code.size(); ++i) {
    // Of a conditional jump the two bytes of its code were swapped.
    const bool conditional = i != last && i > 0 && code.at(i) == 0x0f && code.at(i - 1) >= 0x80 &&
                             code.at(i - 1) <= 0x8f;
    if ((code.at(i) != kCall && code.at(i) != kJump && !conditional) || code.at(i + 1) != value) {
      continue;
    }
    const unsigned how = code.at(i) == kCall ? calls : jumps;
    if (how == unchanged) continue;
    std::uint32_t place = code.big(i + 1) - (std::uint32_t{value} << 24);
    if (how == listed) place = recent.take(place);
    code.put_little(i + 1, place - static_cast<std::uint32_t>(i + 1));
    if (conditional) code.swap(i - 1, i);
    i += 4;
    last = i + 1;
  }
}

// Instructions of 4 bytes of which the low `bits` are a displacement in words.
void undo_words(bool big_endian, std::uint32_t mask, std::uint32_t is, unsigned bits,
                std::uint32_t added, Code code) {
  const std::uint32_t low = (std::uint32_t{1} << bits) - 1;
  for (std::size_t i = 0; i + 4 < code.size(); i += 4) {
    const std::uint32_t word = big_endian ? code.big(i) : code.little(i);
    if ((word & mask) != is) continue;
    const std::uint32_t was =
        (word & ~low) | ((word - static_cast<std::uint32_t>(i / 4) - added) & low);
    if (big_endian) {
      code.put_big(i, was);
    } else {
      code.put_little(i, was);
    }
  }
}

// 0xd0: branches of PowerPC, marked by the 4 highest bits of the displacement.
void undo_powerpc(std::uint8_t value, std::uint32_t added, Code code) {
  constexpr std::uint32_t kBranch = 18;
  constexpr std::size_t kReach = std::size_t{1} << 22;  // bytes that 22 bits tell apart
  for (std::size_t i = 0; i + 4 <= code.size() && i <= kReach; i += 4) {
    const std::uint32_t word = code.big(i);
    if (word >> 26 != kBranch || (word >> 22 & 15) != value) continue;
    const std::uint32_t place = word & 0x003ffffc;
    code.put_big(
        i, (word & 0xfc000003) | ((place - static_cast<std::uint32_t>(i) - added) & 0x03fffffc));
  }
}

}  // namespace

bool undo_filter(std::uint8_t filter, std::uint8_t value, std::span<char> code,
                 std::uint32_t added) {
  constexpr std::uint32_t kArmMask = 0x0f000000, kArmCall = 0x0b000000;
  constexpr std::uint32_t kArm64Mask = 0x7c000000, kArm64Branch = 0x14000000;
  switch (filter) {
    case 0:
      return true;
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x36:
    case 0x46:
    case 0x49:
      undo_marked(filter, value, added, Code(code));
      return true;
    case 0x50:
    case 0x51:
      undo_words(filter == 0x51, kArmMask, kArmCall, 24, added, Code(code));
      return true;
    case 0x52:
      undo_words(false, kArm64Mask, kArm64Branch, 26, added, Code(code));
      return true;
    case 0xd0:
      undo_powerpc(value, added, Code(code));
      return true;
    default:
      break;
  }
  if (filter >= 0x11 && filter <= 0x19) {
    undo_plain(filter, added, Code(code));
    return true;
  }
  if (filter >= 0x80 && filter <= 0x87) {
    undo_recent(filter, value, Code(code));
    return true;
  }
  return false;
}

}  // namespace minescan::inspect::packers
