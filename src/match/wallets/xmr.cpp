// Monero addresses: CryptoNote Base58 of tag, two public keys, an 8-byte payment id if integrated,
// and the first four bytes of Keccak-256 over all that.  Keccak with its original padding 0x01, as
// before SHA-3 was fixed.  Tested by xmr_test.cpp.

#include <botan/hash.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.h"
#include "match/wallets/base58.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

// cryptonote_config.h of the reference implementation.
struct Tag {
  std::uint8_t value;
  std::string_view kind, network;
};
constexpr std::array<Tag, 9> kTags = {{{18, "standard", "mainnet"},
                                       {42, "subaddress", "mainnet"},
                                       {19, "integrated", "mainnet"},
                                       {24, "standard", "stagenet"},
                                       {36, "subaddress", "stagenet"},
                                       {25, "integrated", "stagenet"},
                                       {53, "standard", "testnet"},
                                       {63, "subaddress", "testnet"},
                                       {54, "integrated", "testnet"}}};
constexpr std::size_t kPlainChars = 95, kIntegratedChars = 106, kBlockChars = 11;
constexpr std::size_t kChecksum = 4;

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

bool check_xmr(std::string_view text, Captures& captures) {
  const std::string_view wallet = wallet_text(text, captures);
  if (wallet.size() != kPlainChars && wallet.size() != kIntegratedChars) return false;
  const bool integrated = wallet.size() == kIntegratedChars;
  // All tags of Monero are below 128, so the varint that holds them is one byte.  The first block
  // tells it: runs of base58 hold many candidates, and few get as far as being hashed.
  const auto first = cryptonote_base58_decode(wallet.substr(0, kBlockChars));
  if (!first) return false;
  const auto* const tag = std::find_if(kTags.begin(), kTags.end(), [&first](const Tag& known) {
    return known.value == first->front();
  });
  if (tag == kTags.end() || integrated != (tag->kind == "integrated")) return false;
  const auto bytes = cryptonote_base58_decode(wallet);
  if (!bytes || !checksum_holds(*bytes)) return false;
  set_wallet(captures, wallet, "XMR", tag->kind, tag->network);
  return true;
}

}  // namespace minescan::match
