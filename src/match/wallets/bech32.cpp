#include "match/wallets/bech32.h"

#include <array>

namespace minescan::match {
namespace {

// All constants: BIP-173 and BIP-350.
constexpr std::string_view kCharset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                     0x2a1462b3};
constexpr std::uint32_t kBech32 = 1, kBech32m = 0x2bc830a3;
constexpr std::size_t kLongest = 90, kShortest = 8, kChecksum = 6;

std::uint32_t polymod_step(std::uint32_t sum, std::uint32_t value) {
  const std::uint32_t top = sum >> 25;
  sum = ((sum & 0x1ffffff) << 5) ^ value;
  for (std::size_t i = 0; i < kGenerator.size(); ++i) {
    if (((top >> i) & 1u) != 0) sum ^= kGenerator.at(i);
  }
  return sum;
}

// The text in lower case, or nullopt when it mixes cases or is not printable ASCII.
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

// Five-bit values as bytes; nullopt when the padding is more than four bits or not zero.
std::optional<std::vector<std::uint8_t>> regroup(const std::vector<std::uint8_t>& fives) {
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

}  // namespace

std::optional<SegwitAddress> decode_segwit(std::string_view text) {
  if (text.size() < kShortest || text.size() > kLongest) return std::nullopt;
  const auto lower = one_case(text);
  if (!lower) return std::nullopt;
  const std::size_t separator = lower->rfind('1');
  if (separator == std::string::npos || separator == 0) return std::nullopt;
  // At least a version and the checksum follow.
  if (lower->size() - separator - 1 < kChecksum + 1) return std::nullopt;

  SegwitAddress address;
  address.prefix = lower->substr(0, separator);
  std::uint32_t sum = 1;
  for (const char c : address.prefix) sum = polymod_step(sum, static_cast<std::uint32_t>(c) >> 5);
  sum = polymod_step(sum, 0);
  for (const char c : address.prefix) sum = polymod_step(sum, static_cast<std::uint32_t>(c) & 31);

  std::vector<std::uint8_t> values;
  for (const char c : lower->substr(separator + 1)) {
    const std::size_t value = kCharset.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    sum = polymod_step(sum, static_cast<std::uint32_t>(value));
    values.push_back(static_cast<std::uint8_t>(value));
  }
  address.version = values.front();
  if (address.version > 16) return std::nullopt;
  if (sum != (address.version == 0 ? kBech32 : kBech32m)) return std::nullopt;

  values.erase(values.begin());
  values.resize(values.size() - kChecksum);
  auto program = regroup(values);
  if (!program || program->size() < 2 || program->size() > 40) return std::nullopt;
  if (address.version == 0 && program->size() != 20 && program->size() != 32) return std::nullopt;
  address.program = std::move(*program);
  return address;
}

}  // namespace minescan::match
