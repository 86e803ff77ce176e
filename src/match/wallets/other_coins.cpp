// Addresses with a form of their own: Ethereum and its kin, Ergo, TON, Nimiq, and those without any
// checksum.  Tested by wallets_test.cpp.

#include <botan/hash.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "match/wallets/base58.h"
#include "match/wallets/wallets.h"

namespace minescan::match {
namespace {

constexpr std::string_view kMain = "mainnet", kTest = "testnet";

std::vector<std::uint8_t> hash(const char* name, const std::uint8_t* data, std::size_t size) {
  const std::unique_ptr<Botan::HashFunction> function = Botan::HashFunction::create(name);
  MINESCAN_CHECK(function != nullptr);  // Botan as built by the distributions has them
  function->update(data, size);
  return function->final_stdvec();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_upper_hex(char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); }

constexpr std::size_t kEvmDigits = 40;

// EIP-55: a letter is upper case where that digit of the hash of the lower-case digits is 8 or
// more.
bool case_is_checksum(std::string_view digits) {
  std::string lower(digits);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto digest =
      hash("Keccak-1600(256)", reinterpret_cast<const std::uint8_t*>(lower.data()), lower.size());
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (is_digit(digits[i])) continue;
    const unsigned nibble = (digest[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 15u;
    if ((nibble >= 8) != (digits[i] <= 'F')) return false;
  }
  return true;
}

// CRC-16/XMODEM.
std::uint16_t crc16(const std::uint8_t* data, std::size_t size) {
  std::uint32_t crc = 0;
  for (std::size_t i = 0; i < size; ++i) {
    crc ^= static_cast<std::uint32_t>(data[i]) << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    }
    crc &= 0xffff;
  }
  return static_cast<std::uint16_t>(crc);
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

}  // namespace

std::optional<Wallet> evm_wallet(std::string_view text) {
  if (text.size() != 2 + kEvmDigits || !text.starts_with("0x")) return std::nullopt;
  const std::string_view digits = text.substr(2);
  const Wallet wallet{.coin = "ETH", .kind = "evm", .network = kMain, .group = CoinGroup::named};
  // One case says nothing.
  if (std::all_of(digits.begin(), digits.end(), is_lower_hex)) return wallet;
  if (std::all_of(digits.begin(), digits.end(), is_upper_hex)) return wallet;
  const auto is_hex = [](char c) { return is_lower_hex(c) || is_upper_hex(c); };
  if (!std::all_of(digits.begin(), digits.end(), is_hex)) return std::nullopt;
  if (!case_is_checksum(digits)) return std::nullopt;
  return wallet;
}

// The network and kind in a byte, a key of 33 bytes (P2PK) or a hash of 24 (P2SH), four bytes of
// BLAKE2b.  Pay-to-script has any length and is left out.
std::optional<Wallet> ergo_wallet(std::string_view text) {
  if (text.size() < 38 || text.size() > 52) return std::nullopt;
  const auto bytes = base58_decode(text);
  constexpr std::size_t kChecksum = 4;
  if (!bytes || bytes->size() <= kChecksum) return std::nullopt;
  const std::size_t body = bytes->size() - kChecksum;
  const unsigned kind = bytes->front() & 15u, network = bytes->front() >> 4u;
  const bool p2pk = kind == 1 && body == 1 + 33, p2sh = kind == 2 && body == 1 + 24;
  if ((!p2pk && !p2sh) || network > 1) return std::nullopt;
  const auto digest = hash("BLAKE2b(256)", bytes->data(), body);
  if (!std::equal(bytes->begin() + static_cast<std::ptrdiff_t>(body), bytes->end(),
                  digest.begin())) {
    return std::nullopt;
  }
  return Wallet{.coin = "ERG",
                .kind = p2pk ? "p2pk" : "p2sh",
                .network = network == 0 ? kMain : kTest,
                .group = CoinGroup::mined};
}

// Base64 of either alphabet of a tag, the work chain, a hash of 32 bytes and a CRC.
std::optional<Wallet> ton_wallet(std::string_view text) {
  constexpr std::size_t kChars = 48, kBytes = 36;
  if (text.size() != kChars) return std::nullopt;
  const bool plain = text.find_first_of("+/") != std::string_view::npos;
  if (plain && text.find_first_of("-_") != std::string_view::npos) return std::nullopt;
  std::array<std::uint8_t, kBytes> bytes{};
  for (std::size_t i = 0; i < kChars; i += 4) {
    std::uint32_t bits = 0;
    for (const char c : text.substr(i, 4)) {
      const int value = base64_value(c);
      if (value < 0) return std::nullopt;
      bits = (bits << 6) | static_cast<std::uint32_t>(value);
    }
    for (std::size_t k = 0; k < 3; ++k) {
      bytes.at(i / 4 * 3 + k) = static_cast<std::uint8_t>(bits >> (16 - 8 * k));
    }
  }
  const unsigned tag = bytes[0] & 0x7fu;
  if ((tag != 0x11 && tag != 0x51) || (bytes[1] != 0 && bytes[1] != 0xff)) return std::nullopt;
  if (crc16(bytes.data(), kBytes - 2) != (bytes[34] << 8 | bytes[35])) return std::nullopt;
  return Wallet{.coin = "TON",
                .kind = tag == 0x11 ? "bounceable" : "non-bounceable",
                .network = (bytes[0] & 0x80u) != 0 ? kTest : kMain,
                .group = CoinGroup::named};
}

// As IBANs: "NQ", two check digits, 32 characters; modulo 97 with letters as 10 … 35.
std::optional<Wallet> nimiq_wallet(std::string_view text) {
  constexpr std::size_t kChars = 36, kWithBlanks = 44;
  if (text.size() != kChars && text.size() != kWithBlanks) return std::nullopt;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool gap = text.size() == kWithBlanks && i % 5 == 4;
    if (gap != (text[i] == ' ')) return std::nullopt;
    if (!gap) plain += text[i];
  }
  if (!plain.starts_with("NQ") || !is_digit(plain[2]) || !is_digit(plain[3])) return std::nullopt;
  constexpr std::string_view kCharacters = "0123456789ABCDEFGHJKLMNPQRSTUVXY";
  if (plain.find_first_not_of(kCharacters, 4) != std::string::npos) return std::nullopt;
  std::rotate(plain.begin(), plain.begin() + 4, plain.end());
  unsigned rest = 0;
  for (const char c : plain) {
    rest = is_digit(c) ? rest * 10 + static_cast<unsigned>(c - '0')
                       : rest * 100 + static_cast<unsigned>(c - 'A' + 10);
    rest %= 97;
  }
  if (rest != 1) return std::nullopt;
  return Wallet{.coin = "NIM", .kind = "iban", .network = kMain, .group = CoinGroup::named};
}

std::optional<Wallet> unchecked_wallet(std::string_view text) {
  const auto unchecked = [](std::string_view coin, std::string_view kind) {
    return Wallet{.coin = coin, .kind = kind, .network = kMain, .group = CoinGroup::named};
  };
  // Beam: hex of a key with its leading zeros left out.
  if (text.size() >= 62 && text.size() <= 68 &&
      std::all_of(text.begin(), text.end(), is_lower_hex)) {
    return unchecked("BEAM", "sbbs");
  }
  if (text.size() < 32 || text.size() > 46) return std::nullopt;
  const auto bytes = base58_decode(text);
  if (!bytes) return std::nullopt;
  // Names in programs can be that long as well; one key in 150 has fewer than two digits.
  if (std::count_if(text.begin(), text.end(), is_digit) < 2) return std::nullopt;
  if (bytes->size() == 32) return unchecked("SOL", "ed25519");
  // A zero byte and a hash of the key.
  if (bytes->size() == 33 && bytes->front() == 0) return unchecked("ALPH", "p2pkh");
  return std::nullopt;
}

}  // namespace minescan::match
