#pragma once
// Packs that tests may unpack: signed with a key that is made anew in every run.

#include <doctest/doctest.h>

#include <string>

#include "match/signed_pack.h"

namespace minescan::test {

inline const match::KeyPair& test_keys() {
  static const auto keys = match::make_key_pair();
  REQUIRE(keys.has_value());
  return *keys;
}

inline match::PublicKey public_key(const match::KeyPair& keys) {
  const auto key = match::read_public_key("test.pub", keys.public_pem);
  REQUIRE(key.has_value());
  return *key;
}

// Any bytes at all: what unpacks them must not believe the signature alone.
inline match::TrustedPack trusted_pack(std::string_view bytes) {
  const auto file =
      match::sign_pack(bytes, {.name = "test", .version = 1}, "test.key", test_keys().secret_pem);
  REQUIRE(file.has_value());
  const auto pack = match::open_signed_pack("test.pack", *file, {public_key(test_keys())});
  REQUIRE(pack.has_value());
  return *pack;
}

}  // namespace minescan::test
