#include "base/base64.h"

#include <doctest/doctest.h>

#include <utility>

using namespace minescan;

TEST_CASE("base64: RFC 4648's vectors both ways, and no guessing at the rest") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(base64_encode(plain) == coded);
    CHECK(base64_decode(coded) == plain);
  }
  CHECK(base64_encode("\xff\xfe\xfd") == "//79");
  CHECK(base64_decode("Zm8") == "fo");
  CHECK(base64_decode("Zm8=\n") == "fo");
  CHECK_FALSE(base64_decode("Zm8*").has_value());
  CHECK_FALSE(base64_decode("Zm9vY").has_value());
  CHECK_FALSE(base64_decode("Zg===").has_value());
}
