// Bitcoin's first form of addresses and its many heirs: Base58Check of one to three version bytes
// and a hash of 20 bytes.  Tested by wallets_test.cpp.

#include <algorithm>
#include <array>

#include "match/wallets/base58.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

struct Version {
  std::string_view bytes;
  Wallet wallet;
};

using namespace std::string_view_literals;
constexpr std::string_view kMain = "mainnet", kTest = "testnet";

// From the coins' chain parameters.  Where coins share a version, all are named.  A wrong entry
// would give a wrong name, not a false alarm: the checksum is right in any case.
constexpr std::array<Version, 29> kVersions = {{
    {"\x00"sv, {"BTC", "p2pkh", kMain, CoinGroup::bitcoin}},
    {"\x05"sv, {"BTC", "p2sh", kMain, CoinGroup::bitcoin}},
    {"\x6f"sv, {"BTC", "p2pkh", kTest, CoinGroup::bitcoin}},
    {"\xc4"sv, {"BTC", "p2sh", kTest, CoinGroup::bitcoin}},
    {"\x30"sv, {"LTC", "p2pkh", kMain, CoinGroup::payment}},
    {"\x32"sv, {"LTC/MEWC", "p2sh/p2pkh", kMain, CoinGroup::payment}},
    {"\x1e"sv, {"DOGE/DGB/XVG", "p2pkh", kMain, CoinGroup::payment}},
    {"\x16"sv, {"DOGE", "p2sh", kMain, CoinGroup::payment}},
    {"\x3f"sv, {"DGB", "p2sh", kMain, CoinGroup::payment}},
    {"\x4c"sv, {"DASH", "p2pkh", kMain, CoinGroup::payment}},
    {"\x10"sv, {"DASH/RTM", "p2sh", kMain, CoinGroup::payment}},
    {"\x41"sv, {"TRX", "tron", kMain, CoinGroup::payment}},
    {"\x26"sv, {"BTG", "p2pkh", kMain, CoinGroup::payment}},
    {"\x17"sv, {"CLORE/BTG", "p2pkh/p2sh", kMain, CoinGroup::mined}},
    {"\x3c"sv, {"RVN/KMD/RTM/VRSC", "p2pkh", kMain, CoinGroup::mined}},
    {"\x7a"sv, {"RVN/CLORE/MEWC", "p2sh", kMain, CoinGroup::mined}},
    {"\x55"sv, {"KMD/VRSC", "p2sh", kMain, CoinGroup::mined}},
    {"\x52"sv, {"FIRO", "p2pkh", kMain, CoinGroup::mined}},
    {"\x07"sv, {"FIRO", "p2sh", kMain, CoinGroup::mined}},
    {"\x01\xb9\xbb"sv, {"FIRO", "exchange", kMain, CoinGroup::mined}},
    {"\x1c\xb8"sv, {"ZEC/FLUX/BTCZ/ZCL/YEC", "p2pkh", kMain, CoinGroup::mined}},
    {"\x1c\xbd"sv, {"ZEC/FLUX/BTCZ/ZCL/YEC", "p2sh", kMain, CoinGroup::mined}},
    {"\x20\x89"sv, {"ZEN", "p2pkh", kMain, CoinGroup::mined}},
    {"\x20\x96"sv, {"ZEN", "p2sh", kMain, CoinGroup::mined}},
    {"\x47"sv, {"VTC", "p2pkh", kMain, CoinGroup::mined}},
    {"\x35"sv, {"XNA", "p2pkh", kMain, CoinGroup::mined}},
    {"\x75"sv, {"XNA", "p2sh", kMain, CoinGroup::mined}},
    {"\x21"sv, {"EVR", "p2pkh", kMain, CoinGroup::mined}},
    {"\x5c"sv, {"EVR", "p2sh", kMain, CoinGroup::mined}},
}};

constexpr std::size_t kHash = 20;
constexpr std::size_t kShortest = 25, kLongest = 37;  // 1 + 20 + 4 to 3 + 20 + 4 bytes

}  // namespace

std::optional<Wallet> base58check_wallet(std::string_view text) {
  if (text.size() < kShortest || text.size() > kLongest) return std::nullopt;
  const auto payload = base58_check_decode(text);
  if (!payload || payload->size() <= kHash) return std::nullopt;
  const std::string_view version(reinterpret_cast<const char*>(payload->data()),
                                 payload->size() - kHash);
  const auto* const found =
      std::find_if(kVersions.begin(), kVersions.end(),
                   [version](const Version& known) { return known.bytes == version; });
  if (found == kVersions.end()) return std::nullopt;
  return found->wallet;
}

}  // namespace minescan::match
