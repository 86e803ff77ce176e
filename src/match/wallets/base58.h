#pragma once
// Base58 in the forms that wallets use.  All decode exactly or not at all; a character outside
// the alphabet, a block that overflows its bytes and a wrong checksum all yield nullopt.  Nothing
// throws.  Tested by base58_test.cpp.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace minescan::match {

// Base58Check: one big number, ended by four bytes of double SHA-256.  Returns the payload without
// the checksum: version byte and hash.  Texts longer than 128 characters are refused, since the
// work grows with the square of the length and no address comes near.
std::optional<std::vector<std::uint8_t>> base58_check_decode(std::string_view text);

// The same without a checksum: for those who have one of their own, or none.
std::optional<std::vector<std::uint8_t>> base58_decode(std::string_view text);

// CryptoNote's Base58: blocks of 11 characters for 8 bytes, a shorter one at the end.  Returns all
// bytes; the checksum is the caller's business.
std::optional<std::vector<std::uint8_t>> cryptonote_base58_decode(std::string_view text);

// How many characters that makes of so many bytes.
std::size_t cryptonote_base58_length(std::size_t bytes);

}  // namespace minescan::match
