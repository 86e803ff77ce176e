#include "match/wallets/base58.h"

#include <botan/base58.h>

#include <algorithm>
#include <array>
#include <exception>

namespace minescan::match {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t kLongestCheck = 128;
constexpr std::size_t kBlockBytes = 8, kBlockChars = 11;
// How many characters the last block has when it holds 0 … 8 bytes.  Other lengths do not occur.
constexpr std::array<std::size_t, kBlockBytes + 1> kCharsForBytes = {0, 2, 3, 5, 6, 7, 9, 10, 11};

// Appends the block's bytes; false when it is not the form of a block.
bool decode_block(std::string_view block, std::vector<std::uint8_t>& bytes) {
  const auto* const found = std::find(kCharsForBytes.begin(), kCharsForBytes.end(), block.size());
  if (found == kCharsForBytes.end()) return false;
  const auto size = static_cast<std::size_t>(found - kCharsForBytes.begin());

  std::uint64_t value = 0;
  for (const char c : block) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return false;
    // 11 digits reach past 64 bits: 58^11 is about 2.5e19.
    if (__builtin_mul_overflow(value, std::uint64_t{kAlphabet.size()}, &value)) return false;
    if (__builtin_add_overflow(value, std::uint64_t{digit}, &value)) return false;
  }
  if (size < kBlockBytes && (value >> (8 * size)) != 0) return false;
  for (std::size_t i = size; i-- > 0;) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  return true;
}

// Botan skips blanks and line ends inside the text; an address has none.
bool is_base58(std::string_view text) {
  return !text.empty() && text.size() <= kLongestCheck &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> base58_check_decode(std::string_view text) {
  if (!is_base58(text)) return std::nullopt;
  try {
    return Botan::base58_check_decode(text.data(), text.size());
  } catch (const std::exception&) {
    return std::nullopt;  // Botan's way to say that the checksum is wrong
  }
}

std::optional<std::vector<std::uint8_t>> base58_decode(std::string_view text) {
  if (!is_base58(text)) return std::nullopt;
  try {
    return Botan::base58_decode(text.data(), text.size());
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::optional<std::vector<std::uint8_t>> cryptonote_base58_decode(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / kBlockChars * kBlockBytes + kBlockBytes);
  while (!text.empty()) {
    const std::string_view block = text.substr(0, kBlockChars);
    if (!decode_block(block, bytes)) return std::nullopt;
    text.remove_prefix(block.size());
  }
  return bytes;
}

std::size_t cryptonote_base58_length(std::size_t bytes) {
  return bytes / kBlockBytes * kBlockChars + kCharsForBytes.at(bytes % kBlockBytes);
}

}  // namespace minescan::match
