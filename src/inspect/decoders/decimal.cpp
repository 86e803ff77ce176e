// A text as one large number in decimal, as Python's (7012…).to_bytes(90, "big") has it, and
// base58, which is the same with other digits.

#include <algorithm>

#include "inspect/decoders/big_number.h"
#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::decoders {
namespace {

// Shorter ones are times, ids and prices.
constexpr std::size_t kFewestDecimal = 45;
constexpr std::size_t kMostDecimal = std::size_t{32} << 10;
// A key of 64 bytes has 88 characters and is no text.
constexpr std::size_t kFewestBase58 = 32;
constexpr std::size_t kMostBase58 = std::size_t{8} << 10;
// How far before base58 the name stands of what decodes it.
constexpr std::size_t kName = 40;

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

bool keep(const Place& place, std::string_view name, std::string bytes, Found& found) {
  // Numbers that stand for texts have the bytes in either order.
  for (int turn = 0; turn < 2; ++turn) {
    const Worth worth = worth_of(std::string_view(bytes).substr(0, 512));
    if (worth == Worth::known || (worth == Worth::text && is_text(bytes))) {
      found.push_back({.name = std::string(name),
                       .begin = place.hit.begin,
                       .end = place.hit.end,
                       .bytes = std::move(bytes)});
      return true;
    }
    std::reverse(bytes.begin(), bytes.end());
  }
  return false;
}

}  // namespace

std::size_t decode_decimal(const Place& place, Found& found) {
  const std::string_view run = part(place.text, place.hit);
  if (run.size() < kFewestDecimal || run.size() > kMostDecimal || !is_digit(run[0])) {
    return place.hit.begin;
  }
  if (!std::all_of(run.begin(), run.end(), is_digit)) return place.hit.begin;
  std::string digits(run);
  for (char& digit : digits) digit = static_cast<char>(digit - '0');
  return keep(place, "decimal", big_number(digits, 10), found) ? place.hit.end : place.hit.begin;
}

std::size_t decode_base58(const Place& place, Found& found) {
  const std::string_view run = part(place.text, place.hit);
  if (run.size() < kFewestBase58 || run.size() > kMostBase58) return place.hit.begin;
  // Every long name is of its alphabet but for a few letters: something must say that it is base58.
  const std::size_t from = place.hit.begin - std::min(place.hit.begin, kName);
  if (place.text.substr(from, place.hit.begin - from).find("58") == std::string_view::npos) {
    return place.hit.begin;
  }
  std::string digits;
  digits.reserve(run.size());
  for (const char c : run) {
    const std::size_t value = kBase58.find(c);
    if (value == std::string_view::npos) return place.hit.begin;
    digits += static_cast<char>(value);
  }
  return keep(place, "base58", big_number(digits, 58), found) ? place.hit.end : place.hit.begin;
}

}  // namespace minescan::inspect::decoders
