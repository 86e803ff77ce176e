// Monero and other heirs of CryptoNote: its Base58 of a tag as varint, two public keys, an 8-byte
// payment id if integrated, and the first four bytes of Keccak-256 over all that.  Keccak with its
// original padding 0x01, as before SHA-3 was fixed.  Tested by wallets_test.cpp.

#include <botan/hash.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.h"
#include "match/wallets/base58.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

struct Tag {
  std::uint64_t value;
  std::size_t payment_id;  // bytes
  Wallet wallet;
};

constexpr std::string_view kMain = "mainnet", kStage = "stagenet", kTest = "testnet";
constexpr auto kMonero = CoinGroup::monero, kOther = CoinGroup::cryptonote;

// cryptonote_config.h of each coin.
constexpr std::array<Tag, 21> kTags = {{
    {18, 0, {"XMR", "standard", kMain, kMonero}},
    {42, 0, {"XMR", "subaddress", kMain, kMonero}},
    {19, 8, {"XMR", "integrated", kMain, kMonero}},
    {24, 0, {"XMR", "standard", kStage, kMonero}},
    {36, 0, {"XMR", "subaddress", kStage, kMonero}},
    {25, 8, {"XMR", "integrated", kStage, kMonero}},
    {53, 0, {"XMR", "standard", kTest, kMonero}},
    {63, 0, {"XMR", "subaddress", kTest, kMonero}},
    {54, 8, {"XMR", "integrated", kTest, kMonero}},
    {0x6241d18c0, 0, {"ZEPH", "standard", kMain, kOther}},
    {0x8dd58c0, 0, {"ZEPH", "subaddress", kMain, kOther}},
    {0xc4f7d18c0, 8, {"ZEPH", "integrated", kMain, kOther}},
    {0x3ef318, 0, {"SAL", "standard", kMain, kOther}},
    {0xf5ef318, 0, {"SAL", "subaddress", kMain, kOther}},
    {0x55ef318, 8, {"SAL", "integrated", kMain, kOther}},
    {0x314c96, 0, {"SAL", "carrot", kMain, kOther}},
    {4146, 0, {"WOW", "standard", kMain, kOther}},
    {12208, 0, {"WOW", "subaddress", kMain, kOther}},
    {6810, 8, {"WOW", "integrated", kMain, kOther}},
    {3914525, 0, {"TRTL", "standard", kMain, kOther}},
    {185, 0, {"DNX", "standard", kMain, kOther}},
}};

constexpr std::size_t kShortest = 95, kLongest = 113, kBlockChars = 11;
constexpr std::size_t kKeys = 64, kChecksum = 4;

std::optional<std::uint64_t> varint(const std::vector<std::uint8_t>& bytes, std::size_t& size) {
  std::uint64_t value = 0;
  for (size = 0; size < bytes.size(); ++size) {  // at most 8 bytes: 56 bits
    value |= static_cast<std::uint64_t>(bytes[size] & 0x7f) << (7 * size);
    if ((bytes[size] & 0x80) == 0) {
      ++size;
      return value;
    }
  }
  return std::nullopt;
}

bool checksum_holds(const std::vector<std::uint8_t>& bytes) {
  const std::unique_ptr<Botan::HashFunction> keccak =
      Botan::HashFunction::create("Keccak-1600(256)");
  MINESCAN_CHECK(keccak != nullptr);  // Botan as built by the distributions has it
  const std::size_t body = bytes.size() - kChecksum;
  keccak->update(bytes.data(), body);
  const auto digest = keccak->final();
  return std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(body), bytes.end(), digest.begin());
}

}  // namespace

std::optional<Wallet> cryptonote_wallet(std::string_view text) {
  if (text.size() < kShortest || text.size() > kLongest) return std::nullopt;
  // The first block tells the tag: runs of base58 hold many candidates, and few get as far as being
  // hashed.
  const auto first = cryptonote_base58_decode(text.substr(0, kBlockChars));
  if (!first) return std::nullopt;
  std::size_t size = 0;
  const auto value = varint(*first, size);
  if (!value) return std::nullopt;
  const auto* const tag = std::find_if(kTags.begin(), kTags.end(),
                                       [&](const Tag& known) { return known.value == *value; });
  if (tag == kTags.end()) return std::nullopt;
  const std::size_t bytes = size + kKeys + tag->payment_id + kChecksum;
  if (text.size() != cryptonote_base58_length(bytes)) return std::nullopt;
  const auto decoded = cryptonote_base58_decode(text);
  if (!decoded || decoded->size() != bytes || !checksum_holds(*decoded)) return std::nullopt;
  return tag->wallet;
}

}  // namespace minescan::match
