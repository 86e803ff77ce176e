#include "inspect/decoders/worth.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace minescan::inspect::decoders {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kKnown = {
    "\x7f"
    "ELF"sv,
    "\x1f\x8b\x08"sv,
    "\xfd"
    "7zXZ\0"sv,
    "\x28\xb5\x2f\xfd"sv,
    "BZh"sv,
    "PK\3\4"sv,
    "\0asm"sv,
    "MZ"sv,
    "\x78\x01"sv,
    "\x78\x5e"sv,
    "\x78\x9c"sv,
    "\x78\xda"sv,
    "7z\xbc\xaf\x27\x1c"sv,
    "Rar!\x1a\x07"sv,
    "\x04\x22\x4d\x18"sv,
    "\x5d\0\0"sv,
    "!<arch>\n"sv,
    "\xfe\xed\xfa\xce"sv,
    "\xfe\xed\xfa\xcf"sv,
    "\xce\xfa\xed\xfe"sv,
    "\xcf\xfa\xed\xfe"sv,
    "\xca\xfe\xba\xbe"sv,
    "dex\n03"sv,
    "\x1bLua"sv,
    "\xff\xfe"sv,
    "\xfe\xff"sv,
    "\x50\xed\x55\xba"sv,
    "\x03\x02\x23\x07"sv,
};

// Pictures, sound, fonts, documents, certificates and keys (DER, SSH).
constexpr std::array kNothing = {
    "\x89PNG"sv, "\xff\xd8\xff"sv, "GIF8"sv,     "RIFF"sv,     "wOFF"sv,     "wOF2"sv,
    "OTTO"sv,    "%PDF"sv,         "\0\1\0\0"sv, "\0\0\1\0"sv, "\0\0\2\0"sv, "ID3"sv,
    "OggS"sv,    "fLaC"sv,         "\x30\x82"sv, "\x30\x81"sv, "\0\0\0"sv,   "BM"sv,
};

// The first bytes of all those, so that most bytes need no further look.
constexpr std::array<bool, 256> first_bytes() {
  std::array<bool, 256> first{};
  for (const std::string_view magic : kKnown) first[static_cast<unsigned char>(magic[0])] = true;
  for (const std::string_view magic : kNothing) first[static_cast<unsigned char>(magic[0])] = true;
  return first;
}
constexpr auto kFirstBytes = first_bytes();

bool plain_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte < 0x7f) || c == '\n' || c == '\r' || c == '\t';
}

// How many bytes at the front are text.
std::size_t text_length(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (plain_character(bytes[at])) {
      ++at;
      continue;
    }
    if (static_cast<unsigned char>(bytes[at]) < 0x80) break;
    const Utf8 character = decode_utf8(bytes.substr(at));
    if (character.length == 0) break;
    at += character.length;
  }
  return at;
}

// Four characters of two bytes each, the second of them 0.
bool is_wide(std::string_view head) {
  if (head.size() < 8) return false;
  for (std::size_t i = 0; i < 8; i += 2) {
    if (!plain_character(head[i]) || head[i + 1] != '\0') return false;
  }
  return true;
}

}  // namespace

Worth worth_of(std::string_view head) {
  const auto begins = [&](std::string_view magic) {
    return !head.empty() && magic[0] == head[0] && head.starts_with(magic);
  };
  // A tar begins with a name, which is text, and zeros.
  if (head.size() >= 262 && head.substr(257, 5) == "ustar") return Worth::known;
  // bzip2's is all letters.
  if (head.starts_with("BZh") && head.substr(4).starts_with("1AY&SY")) return Worth::known;
  const std::string_view front = head.substr(0, 12);
  // Two thirds of all characters of more than one byte are cut by the end of the front.
  const std::size_t text = text_length(front);
  if (text + 3 >= front.size() && (text == front.size() || front.size() == 12) && text >= 8 &&
      (static_cast<unsigned char>(front.back()) >= 0x80 || text == front.size()) &&
      !begins("%PDF") && !begins("RIFF") && !begins("BM")) {
    return Worth::text;
  }
  if (is_wide(front)) return Worth::text;
  if (front.empty() || !kFirstBytes[static_cast<unsigned char>(front[0])]) return Worth::unknown;
  if (std::any_of(kNothing.begin(), kNothing.end(), begins)) return Worth::nothing;
  if (std::any_of(kKnown.begin(), kKnown.end(), begins)) return Worth::known;
  return Worth::unknown;
}

bool is_text(std::string_view bytes) {
  if (is_wide(bytes)) return true;
  const std::size_t text = text_length(bytes);
  return text >= 8 && text + 2 + bytes.size() / 8 >= bytes.size();
}

}  // namespace minescan::inspect::decoders
