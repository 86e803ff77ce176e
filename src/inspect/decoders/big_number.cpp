#include "inspect/decoders/big_number.h"

#include <vector>

namespace minescan::inspect::decoders {

std::string big_number(std::string_view digits, std::uint32_t base) {
  std::vector<std::uint32_t> limbs;  // least significant first
  for (std::size_t at = 0; at < digits.size();) {
    // As many digits at once as fit in one limb.
    std::uint64_t factor = 1, value = 0;
    for (; at < digits.size() && factor * base <= 0xffffffffU; ++at) {
      factor *= base;
      value = value * base + static_cast<unsigned char>(digits[at]);
    }
    std::uint64_t carry = value;
    for (std::uint32_t& limb : limbs) {
      carry += limb * factor;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
  }
  std::string bytes;
  for (auto limb = limbs.rbegin(); limb != limbs.rend(); ++limb) {
    for (unsigned shift = 32; shift > 0;) {
      shift -= 8;
      const auto byte = static_cast<char>(*limb >> shift);
      if (!bytes.empty() || byte != 0) bytes += byte;
    }
  }
  return bytes;
}

}  // namespace minescan::inspect::decoders
