#include "acquire/packages/integrity.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/digest.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

std::string digest(const std::string& algorithm, const std::string& text) {
  Hasher hasher(algorithm);
  hasher.update(as_bytes(text));
  return hasher.finish();
}

// A digest's raw bytes out of its spelling.
std::string raw(const std::string& spelled) {
  std::string bytes;
  for (auto at = spelled.find(':') + 1; at < spelled.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(spelled.substr(at, 2), nullptr, 16));
  }
  return bytes;
}

std::string sri(const std::string& algorithm, const std::string& text) {
  return algorithm + "-" + base64_encode(raw(digest(algorithm, text)));
}

}  // namespace

TEST_CASE("integrity: the digests of the known algorithms are those that others compute") {
  CHECK(digest("md5", "") == "md5:d41d8cd98f00b204e9800998ecf8427e");
  CHECK(digest("sha1", "") == "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(
      digest("sha384", "").starts_with("sha384:38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"));
  CHECK(digest_size("sha512") == 64);
  CHECK(digest_size("crc32") == 0);
}

TEST_CASE("integrity: of SRI the strongest algorithm counts, and any of its values") {
  const std::string text =
      sri("sha1", "a") + " " + sri("sha512", "b") + "\n\t" + sri("sha512", "c") + "?ct=tgz";
  const auto digests = strongest(parse_sri(text));
  REQUIRE(digests.size() == 2);
  CHECK(std::is_sorted(digests.begin(), digests.end()));
  for (const char* one : {"b", "c"}) {
    CHECK(std::find(digests.begin(), digests.end(), digest("sha512", one)) != digests.end());
  }
  CHECK(strongest(parse_sri(sri("sha1", "a") + " " + sri("sha384", "a"))) ==
        std::vector<std::string>{digest("sha384", "a")});
}

TEST_CASE("integrity: what is no digest promises nothing") {
  for (const char* text : {"", "   ", "sha512", "sha512-", "sha512-AAAA", "sha512-!!!!", "-",
                           "blake3-AAAA", "md5-?x"}) {
    CAPTURE(text);
    CHECK(parse_sri(text).empty());
  }
  CHECK(strongest({{"sha256", "abcd"}, {"sha256", std::string(64, 'Z')}, {"crc32", "00000000"}})
            .empty());
  CHECK(strongest({{"sha512", "short"}, {"sha1", std::string(40, 'a')}}) ==
        std::vector<std::string>{"sha1:" + std::string(40, 'a')});
}
