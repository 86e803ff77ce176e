#include "base/digest.h"

#include <botan/hash.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace minescan {
namespace {

struct Algorithm {
  std::string_view name, botan;
  std::size_t bytes;
};

constexpr std::array<Algorithm, 5> kAlgorithms = {{{"sha512", "SHA-512", 64},
                                                   {"sha384", "SHA-384", 48},
                                                   {"sha256", "SHA-256", 32},
                                                   {"sha1", "SHA-1", 20},
                                                   {"md5", "MD5", 16}}};

const Algorithm* find_algorithm(std::string_view name) {
  const auto* at = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                [&](const Algorithm& entry) { return entry.name == name; });
  return at == kAlgorithms.end() ? nullptr : at;
}

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

bool is_digest(std::string_view digest) {
  if (digest.starts_with("sha256:"))
    return digest.size() == 7 + 64 && is_lower_hex(digest.substr(7));
  if (digest.starts_with("sha512:")) {
    return digest.size() == 7 + 128 && is_lower_hex(digest.substr(7));
  }
  return false;
}

std::size_t digest_size(std::string_view algorithm) {
  const Algorithm* found = find_algorithm(algorithm);
  return found == nullptr ? 0 : found->bytes;
}

struct Hasher::Impl {
  std::string algorithm;
  std::unique_ptr<Botan::HashFunction> hash;
};

Hasher::Hasher(std::string_view algorithm) : impl_(std::make_unique<Impl>()) {
  impl_->algorithm = algorithm;
  const Algorithm* found = find_algorithm(algorithm);
  MINESCAN_CHECK(found != nullptr);
  impl_->hash = Botan::HashFunction::create(std::string(found->botan));
  MINESCAN_CHECK(impl_->hash != nullptr);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(ByteView bytes) {
  impl_->hash->update(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::string Hasher::finish() {
  const auto digest = impl_->hash->final();
  return impl_->algorithm + ":" +
         hex({reinterpret_cast<const std::byte*>(digest.data()), digest.size()});
}

std::string sha256(ByteView bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

std::string hex(ByteView bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

}  // namespace minescan
