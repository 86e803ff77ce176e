#include "match/wallets/bech32.h"

#include <array>

#include "match/wallets/five_bits.h"

namespace minescan::match {
namespace {

// All constants: BIP-173 and BIP-350.
constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                     0x2a1462b3};
constexpr std::uint32_t kBech32 = 1, kBech32m = 0x2bc830a3;
constexpr std::size_t kLongestSegwit = 90, kShortest = 8, kChecksum = 6;

std::uint32_t polymod_step(std::uint32_t sum, std::uint32_t value) {
  const std::uint32_t top = sum >> 25;
  sum = ((sum & 0x1ffffff) << 5) ^ value;
  for (std::size_t i = 0; i < kGenerator.size(); ++i) {
    if (((top >> i) & 1u) != 0) sum ^= kGenerator.at(i);
  }
  return sum;
}

}  // namespace

std::optional<Bech32> decode_bech32(std::string_view text, std::size_t longest, char separator) {
  if (text.size() < kShortest || text.size() > longest) return std::nullopt;
  const auto lower = one_case(text);
  if (!lower) return std::nullopt;
  const std::size_t end = lower->rfind(separator);
  if (end == std::string::npos || end == 0) return std::nullopt;
  if (lower->size() - end - 1 < kChecksum) return std::nullopt;
  auto values = five_bit_values(std::string_view(*lower).substr(end + 1), kBech32Characters);
  if (!values) return std::nullopt;

  Bech32 result;
  result.prefix = lower->substr(0, end);
  std::uint32_t sum = 1;
  for (const char c : result.prefix) sum = polymod_step(sum, static_cast<std::uint32_t>(c) >> 5);
  sum = polymod_step(sum, 0);
  for (const char c : result.prefix) sum = polymod_step(sum, static_cast<std::uint32_t>(c) & 31);
  for (const std::uint8_t value : *values) sum = polymod_step(sum, value);
  if (sum != kBech32 && sum != kBech32m) return std::nullopt;
  result.modified = sum == kBech32m;
  values->resize(values->size() - kChecksum);
  result.values = std::move(*values);
  return result;
}

std::optional<SegwitAddress> decode_segwit(std::string_view text) {
  auto parts = decode_bech32(text, kLongestSegwit);
  if (!parts || parts->values.empty()) return std::nullopt;
  SegwitAddress address;
  address.prefix = std::move(parts->prefix);
  address.version = parts->values.front();
  if (address.version > 16 || parts->modified != (address.version != 0)) return std::nullopt;
  parts->values.erase(parts->values.begin());
  auto program = five_bits_to_bytes(parts->values);
  if (!program || program->size() < 2 || program->size() > 40) return std::nullopt;
  if (address.version == 0 && program->size() != 20 && program->size() != 32) return std::nullopt;
  address.program = std::move(*program);
  return address;
}

}  // namespace minescan::match
