#include "inspect/media.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/anchors.h"
#include "inspect/programs/elf_header.h"
#include "inspect/programs/pe_header.h"

namespace minescan::inspect {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kMedia = {
    "\x89PNG\r\n\x1a\n"sv,
    "\xff\xd8\xff"sv,
    "GIF87a"sv,
    "GIF89a"sv,
    "RIFF"sv,
    "%PDF-"sv,
    "ID3"sv,
    "OggS"sv,
    "fLaC"sv,
    "II*\0"sv,
    "MM\0*"sv,
    "\0\0\1\0"sv,
    "\x1a\x45\xdf\xa3"sv,
    "8BPS"sv,
    "wOF2"sv,
    "\xff\xfb\x90"sv,
};

// Of a program that is not an object file, with headers of the sizes that they have.
bool starts_elf(ByteView rest) {
  constexpr std::uint16_t kExecutable = 2, kShared = 3;
  const auto header = programs::read_elf_header(rest);
  if (!header) return false;
  const bool wide = header->bits == 64;
  const unsigned told = programs::Fields(rest, header->big_endian, wide ? 0x36 : 0x2a).half();
  return (header->type == kExecutable || header->type == kShared) && header->machine != 0 &&
         header->segments.count != 0 && told == (wide ? 56 : 32) &&
         header->segments.offset >= header->size();
}

bool starts_pe(ByteView rest) {
  const auto header = programs::read_pe_header(rest);
  return header && header->machine != 0 && !header->sections.empty() &&
         header->headers_end <= rest.size() && (header->bits == 64 || header->bits == 32);
}

// Where the program begins whose PE header is at `at`.
std::optional<std::size_t> begin_of_pe(ByteView window, std::size_t at, std::size_t from) {
  constexpr std::size_t kDosHeader = 0x40, kPlace = 0x3c, kFar = 512;
  for (std::size_t back = kDosHeader; back <= std::min(at, kFar) && at - back >= from; back += 4) {
    const std::size_t begin = at - back;
    if (as_text(window.subspan(begin, 2)) != "MZ") continue;
    if (programs::Fields(window, false, begin + kPlace).word() == back) return begin;
  }
  return std::nullopt;
}

}  // namespace

bool is_media(ByteView head) {
  const std::string_view text = as_text(head);
  constexpr std::size_t kLeast = 12;
  if (text.size() < kLeast) return false;
  // MP4 and its kin have a size in front; of a BMP's header four bytes are reserved.
  return text.substr(4).starts_with("ftyp") ||
         (text.starts_with("BM") && text.substr(6, 4) == "\0\0\0\0"sv) ||
         std::any_of(kMedia.begin(), kMedia.end(),
                     [&](std::string_view magic) { return text.starts_with(magic); });
}

std::optional<std::uint64_t> find_program(ByteView window, std::size_t from) {
  static const AnchorFinder kFinder(
      std::to_array<Anchor>({{0x7f, 'E', 'L', 'F'}, {'P', 'E', 0, 0}}));
  for (auto at = kFinder.find(window, from); at; at = kFinder.find(window, *at + 1)) {
    if (window[*at] != std::byte{'P'}) {
      if (starts_elf(window.subspan(*at))) return *at;
      continue;
    }
    const auto begin = begin_of_pe(window, *at, from);
    if (begin && starts_pe(window.subspan(*begin))) return *begin;
  }
  return std::nullopt;
}

}  // namespace minescan::inspect
