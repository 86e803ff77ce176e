#include "match/wallets/cashaddr.h"

#include <array>

namespace minescan::match {
namespace {

// The CashAddr specification.
constexpr std::array<std::uint64_t, 5> kGenerator = {0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4,
                                                     0xae2eabe2a8, 0x1e4f43e470};
constexpr std::size_t kChecksum = 8, kLongest = 112;

std::uint64_t polymod_step(std::uint64_t sum, std::uint64_t value) {
  const std::uint64_t top = sum >> 35;
  sum = ((sum & 0x07ffffffff) << 5) ^ value;
  for (std::size_t i = 0; i < kGenerator.size(); ++i) {
    if (((top >> i) & 1u) != 0) sum ^= kGenerator.at(i);
  }
  return sum;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> decode_cashaddr(std::string_view prefix,
                                                         std::string_view body,
                                                         std::string_view characters) {
  if (body.size() <= kChecksum || body.size() > kLongest) return std::nullopt;
  auto values = five_bit_values(body, characters);
  if (!values) return std::nullopt;
  std::uint64_t sum = 1;
  for (const char c : prefix) sum = polymod_step(sum, static_cast<std::uint64_t>(c) & 31);
  sum = polymod_step(sum, 0);
  for (const std::uint8_t value : *values) sum = polymod_step(sum, value);
  if (sum != 1) return std::nullopt;
  values->resize(values->size() - kChecksum);
  return five_bits_to_bytes(*values);
}

}  // namespace minescan::match
