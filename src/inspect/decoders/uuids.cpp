// A text cut into UUIDs, sixteen bytes each: ["6375726c-2068-7474-703a-2f2f64726f70", …].

#include <algorithm>

#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kLength = 36;
constexpr std::size_t kFewest = 2;
// Quotes, commas, blanks and a name between two of them.
constexpr std::size_t kFarthest = 64;

// Appends the sixteen bytes of text[at, at + 36); false when no UUID stands there.
bool append_uuid(std::string_view text, std::size_t at, std::string& bytes) {
  const std::string_view uuid = text.substr(at, kLength);
  if (uuid.size() < kLength) return false;
  int high = -1;
  for (std::size_t i = 0; i < kLength; ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (uuid[i] != '-') return false;
      continue;
    }
    const int value = hex_value(uuid[i]);
    if (value < 0) return false;
    if (high < 0) {
      high = value;
    } else {
      bytes += static_cast<char>(high * 16 + value);
      high = -1;
    }
  }
  return true;
}

// As Windows keeps a GUID: its first three parts with the bytes turned.
std::string as_guids(std::string bytes) {
  for (std::size_t at = 0; at + 16 <= bytes.size(); at += 16) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    std::reverse(begin, begin + 4);
    std::reverse(begin + 4, begin + 6);
    std::reverse(begin + 6, begin + 8);
  }
  return bytes;
}

}  // namespace

std::size_t decode_uuids(const Place& place, Found& found) {
  const std::string_view text = place.text;
  const std::size_t begin = place.hit.begin;
  if (place.hit.end - begin != kLength) return begin;
  std::string bytes;
  if (!append_uuid(text, begin, bytes)) return begin;
  // Nearly all are random, and the first says so.
  if (worth_of(bytes) != Worth::text && worth_of(as_guids(bytes)) != Worth::text) return begin;
  std::size_t end = begin + kLength;
  while (bytes.size() < kLongestPart) {
    std::size_t at = end;
    const std::size_t limit = std::min(text.size(), end + kFarthest);
    std::string next;
    while (at < limit && !append_uuid(text, at, next)) {
      next.clear();
      ++at;
    }
    if (next.empty()) break;
    bytes += next;
    end = at + kLength;
  }
  if (bytes.size() < 16 * kFewest) return end;
  std::string turned = as_guids(bytes);
  // Which it is shows only in words, so both are told.
  if (is_text(turned)) {
    found.push_back({.name = "guids", .begin = begin, .end = end, .bytes = std::move(turned)});
  }
  if (is_text(bytes)) {
    found.push_back({.name = "uuids", .begin = begin, .end = end, .bytes = std::move(bytes)});
  }
  return end;
}

}  // namespace minescan::inspect::decoders
