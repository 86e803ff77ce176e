#include "lockfiles/integrity.h"

#include <array>
#include <utility>

#include "base/base64.h"
#include "base/digest.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

constexpr std::size_t kMostDigests = 64;  // of one text; package managers write one or two
constexpr std::size_t kLongestAlgorithm = 16;
constexpr std::size_t kLongestDigest = 128;  // hexadecimal digits

constexpr std::array<std::pair<std::string_view, std::size_t>, 6> kLengths = {{
    {"sha512", 128},
    {"sha384", 96},
    {"sha256", 64},
    {"sha224", 56},
    {"sha1", 40},
    {"md5", 32},
}};

bool fits(std::string_view algorithm, std::size_t length) {
  for (const auto& [name, digits] : kLengths) {
    if (name == algorithm) return length == digits;
  }
  return length >= 2 && length <= kLongestDigest;
}

}  // namespace

std::optional<Integrity> hex_digest(std::string_view algorithm, std::string_view hex) {
  if (algorithm.empty() || algorithm.size() > kLongestAlgorithm || !is_hex(hex) ||
      !fits(algorithm, hex.size())) {
    return std::nullopt;
  }
  return Integrity{std::string(algorithm), lower(hex)};
}

std::optional<Integrity> base64_digest(std::string_view algorithm, std::string_view base64) {
  if (base64.size() > kLongestDigest) return std::nullopt;
  const auto bytes = base64_decode(base64);
  if (!bytes) return std::nullopt;
  return hex_digest(algorithm, hex(as_bytes(*bytes)));
}

std::optional<Integrity> prefixed_digest(std::string_view text) {
  const auto [algorithm, digest] = cut(text, text.find_first_of(":="));
  return hex_digest(lower(algorithm), digest);
}

bool add_sri(std::string_view text, std::vector<Integrity>& out) {
  bool all = true;
  for (std::size_t n = 0; !(text = trimmed(text)).empty(); ++n) {
    if (n == kMostDigests) return false;
    const auto part = text.substr(0, text.find_first_of(" \t\r\n"));
    text.remove_prefix(part.size());
    const auto [algorithm, rest] = cut(part, part.find('-'));
    if (auto digest = base64_digest(lower(algorithm), rest.substr(0, rest.find('?')))) {
      out.push_back(std::move(*digest));
    } else {
      all = false;
    }
  }
  return all;
}

}  // namespace minescan::lockfiles
