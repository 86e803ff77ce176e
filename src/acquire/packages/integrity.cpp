#include "acquire/packages/integrity.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace minescan::acquire {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::array<std::string_view, 5> kStrongestFirst = {"sha512", "sha384", "sha256", "sha1",
                                                             "md5"};

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::vector<Integrity> parse_sri(std::string_view text) {
  std::vector<Integrity> found;
  for (auto begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;
       begin = text.find_first_not_of(kSpace, begin)) {
    const auto end = std::min(text.find_first_of(kSpace, begin), text.size());
    const std::string_view value = text.substr(begin, end - begin);
    begin = end;
    const auto dash = value.find('-');
    if (dash == std::string_view::npos) continue;
    const std::string_view algorithm = value.substr(0, dash);
    const auto bytes = base64_decode(value.substr(dash + 1, value.find('?') - dash - 1));
    if (!bytes || bytes->empty() || bytes->size() != digest_size(algorithm)) continue;
    found.push_back({.algorithm = std::string(algorithm), .hex = hex(as_bytes(*bytes))});
  }
  return found;
}

std::vector<std::string> strongest(const std::vector<Integrity>& promised) {
  for (const std::string_view algorithm : kStrongestFirst) {
    std::vector<std::string> digests;
    for (const Integrity& value : promised) {
      if (value.algorithm == algorithm && value.hex.size() == 2 * digest_size(algorithm) &&
          is_lower_hex(value.hex)) {
        digests.push_back(value.algorithm + ":" + value.hex);
      }
    }
    if (digests.empty()) continue;
    std::sort(digests.begin(), digests.end());
    digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
    return digests;
  }
  return {};
}

}  // namespace minescan::acquire
