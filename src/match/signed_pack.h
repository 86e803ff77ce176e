#pragma once
// A signature pack as a file that one sends: signed with Ed25519, and read only after the signature
// was verified.  All numbers are little endian:
//
//    8 bytes   magic "MSNSIGN1"; its last digit is the format
//    u64       bytes of the whole file
//   16 bytes   id of the key: the first hex digits of the SHA-256 of the public key's 32 bytes
//    u64       version, from 1 on
//    u64       when it was made, in seconds since 1970; 0 = it does not say
//    u8        bytes of the name, from 1 to 64; then the name
//              the pack (pack.cpp)
//   64 bytes   signature (RFC 8032) of everything before it
//
// Keys are PEM as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/pack.h"
#include "model/signature_pack.h"

namespace minescan::match {

// The built-in pack, of 500 indicators, has 1 MiB.
inline constexpr std::size_t kMostPackFile = std::size_t{256} << 20;
inline constexpr std::size_t kMostKeyFile = std::size_t{64} << 10;

struct PublicKey {
  std::array<std::byte, 32> bytes{};
};

std::string key_id(const PublicKey& key);  // 16 hex digits

// `name` is the file's, for messages.  Code::usage when the text is no such key.
Result<PublicKey> read_public_key(const std::string& name, std::string_view pem);

// Of small letters, digits and ". _ -", no dot in front, at most 64 bytes: it becomes the name of a
// file.
bool is_pack_name(std::string_view name);

// The file's bytes; label.key is not looked at.  Code::usage when the secret key is none, is
// protected by a passphrase, or when the label is not one.
Result<std::string> sign_pack(std::string_view pack, const SignaturePack& label,
                              const std::string& key_name, const std::string& secret_pem);

// The pack in the file's bytes, when one of the keys signed it.  Nothing behind the head is looked
// at before; each way in which it may be wrong has a sentence of its own.  Code::refused when it is
// signed by nobody or by another key, Code::truncated, Code::integrity when it was changed,
// Code::unsupported when it is of another format, Code::corrupt when it is no pack at all.
Result<TrustedPack> open_signed_pack(const std::string& name, std::string file,
                                     const std::vector<PublicKey>& keys);

struct KeyPair {
  std::string secret_pem, public_pem;
};
Result<KeyPair> make_key_pair();

}  // namespace minescan::match
