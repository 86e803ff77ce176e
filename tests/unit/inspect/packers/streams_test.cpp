#include "inspect/packers/streams.h"

#include <doctest/doctest.h>

#include <string>

#include "support/compressors.h"
#include "support/upx_file.h"

namespace {

using namespace minescan;
using namespace minescan::inspect::packers;

constexpr unsigned kMethods[] = {2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15};

}  // namespace

TEST_CASE("packers: every method gives back what was packed, whatever follows it") {
  const std::string text = test::numbers(50'000) + std::string(70'000, 'z');
  for (const unsigned number : kMethods) {
    CAPTURE(number);
    const auto method = static_cast<Method>(number);
    CHECK_FALSE(method_name(method).empty());
    const std::string packed = test::upx_compress(number, text);
    CHECK(packed.size() < text.size() / 2);
    for (const std::size_t more : {0U, 3U, 1'000'000U}) {
      std::string out(text.size(), '\0');
      const Unpacking result =
          unpack_stream(method, as_bytes(packed + std::string(more, 'x')), out);
      CHECK(result.made == text.size());
      CHECK(out == text);
    }
  }
  CHECK(method_name(Method{11}).empty());
  std::string out(10, '\0');
  CHECK(unpack_stream(Method{11}, as_bytes("abcdef"), out).made == 0);
}

TEST_CASE("packers: a stream that is cut short gives what came before") {
  const std::string text = test::numbers(50'000);
  for (const unsigned number : kMethods) {
    CAPTURE(number);
    const std::string packed = test::upx_compress(number, text);
    std::string out(text.size(), '\0');
    const Unpacking result = unpack_stream(Method{static_cast<std::uint8_t>(number)},
                                           as_bytes(packed).first(packed.size() / 2), out);
    CHECK_FALSE(result.end);
    CHECK(result.made > 10'000);
    CHECK(result.made < text.size());
    CHECK(out.substr(0, result.made) == text.substr(0, result.made));
  }
}

TEST_CASE("packers: a stream that makes more than there is room for is told so") {
  const std::string text = test::numbers(50'000);
  for (const unsigned number : kMethods) {
    CAPTURE(number);
    std::string out(10'000, '\0');
    const std::string packed = test::upx_compress(number, text);
    const Unpacking result =
        unpack_stream(Method{static_cast<std::uint8_t>(number)}, as_bytes(packed), out);
    CHECK(result.full);
    CHECK(result.made > 9'000);
    CHECK(out.substr(0, result.made) == text.substr(0, result.made));
  }
}
