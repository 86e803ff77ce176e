#include "match/wallets/five_bits.h"

namespace minescan::match {

std::optional<std::string> one_case(std::string_view text) {
  bool lower = false, upper = false;
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    if (c < '!' || c > '~') return std::nullopt;
    const bool is_upper = c >= 'A' && c <= 'Z';
    upper |= is_upper;
    lower |= c >= 'a' && c <= 'z';
    result.push_back(is_upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (lower && upper) return std::nullopt;
  return result;
}

std::optional<std::vector<std::uint8_t>> five_bit_values(std::string_view text,
                                                         std::string_view characters) {
  std::vector<std::uint8_t> values;
  values.reserve(text.size());
  for (const char c : text) {
    const std::size_t value = characters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    values.push_back(static_cast<std::uint8_t>(value));
  }
  return values;
}

std::optional<std::vector<std::uint8_t>> five_bits_to_bytes(
    const std::vector<std::uint8_t>& fives) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::uint8_t five : fives) {
    bits = ((bits << 5) | five) & 0xfff;
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  if (count > 4 || (bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace minescan::match
