// Every encoding but gzip, which has tests of its own.
#include "support/compressors.h"
#include "support/unpacking.h"
#include "support/wrapped.h"

using namespace minescan;
using namespace minescan::test;

namespace {

std::string compress(std::string_view format, std::string_view text) {
  if (format == "gzip") return gzip(text);
  if (format == "zstd") return zstd(text);
  if (format == "xz") return xz(text);
  if (format == "bzip2") return bzip2(text);
  if (format == "lz4") return lz4(text);
  if (format == "brotli") return brotli(text);
  return lzma_alone(text);
}

}  // namespace

TEST_CASE("encodings: text comes back, what follows is left, and the format is recognised") {
  for (const std::string format : {"gzip", "zstd", "xz", "bzip2", "lz4", "lzma"}) {
    CAPTURE(format);
    for (const std::size_t size : {1U, 5000U, 1'500'000U}) {
      CAPTURE(size);
      const std::string text = numbers(size);
      const std::string bytes = compress(format, text);
      CHECK(format_of(bytes) == format);
      const Decoded decoded = decode(format, bytes + "tail");
      CHECK(decoded.text == text);
      CHECK(decoded.rest == "tail");
      CHECK_FALSE(decoded.fault.has_value());
    }
  }
}

TEST_CASE("encodings: streams behind each other are one") {
  for (const std::string format : {"gzip", "zstd", "xz", "bzip2", "lz4"}) {
    CAPTURE(format);
    const Decoded decoded =
        decode(format, compress(format, "one ") + compress(format, "two") + "x");
    CHECK(decoded.text == "one two");
    CHECK(decoded.rest == "x");
  }
}

TEST_CASE("encodings: cut short they are truncated, and what was decoded stays") {
  const std::string text = numbers(1'500'000);
  for (const std::string format : {"gzip", "zstd", "xz", "bzip2", "lz4", "lzma"}) {
    CAPTURE(format);
    const std::string bytes = compress(format, text);
    const Decoded decoded = decode(format, bytes.substr(0, bytes.size() * 3 / 4));
    CHECK(text.starts_with(decoded.text));
    CHECK(decoded.text.size() > text.size() / 4);
    REQUIRE(decoded.fault.has_value());
    CHECK(decoded.fault->code == Code::truncated);
    CHECK(decoded.rest == "");
  }
}

TEST_CASE(
    "encodings: a flipped byte is a fault where there is a checksum, and bytes are never decoded "
    "for ever") {
  const std::string text = numbers(400'000);
  for (const std::string format : {"gzip", "zstd", "xz", "bzip2", "lz4"}) {
    CAPTURE(format);
    std::string bytes = compress(format, text);
    bytes[bytes.size() / 2] ^= 0x10;
    const Decoded decoded = decode(format, bytes);
    // zstd and lz4 have no checksum here, and may not notice.
    CHECK((decoded.fault.has_value() || decoded.text.size() == text.size()));
    CHECK((decoded.fault.has_value() || format == "zstd" || format == "lz4"));
    CHECK(decoded.text.size() <= text.size() + (1 << 20));
    CHECK(decoded.rest.size() < bytes.size());
  }
}

TEST_CASE("brotli: only a name tells it; text comes back, and what follows is left") {
  for (const std::size_t size : {0U, 1U, 5000U, 1'500'000U}) {
    CAPTURE(size);
    const std::string text = numbers(size);
    const std::string bytes = compress("brotli", text);
    CHECK(format_of(bytes) != "brotli");
    const Decoded decoded = decode("brotli", bytes + "tail");
    CHECK(decoded.text == text);
    CHECK(decoded.rest == "tail");
    CHECK_FALSE(decoded.fault.has_value());
  }
  const std::string text = numbers(1'500'000);
  const std::string bytes = compress("brotli", text);
  const Decoded cut = decode("brotli", bytes.substr(0, bytes.size() / 2));
  CHECK(text.starts_with(cut.text));
  CHECK(cut.text.size() > 500'000);
  CHECK(cut.fault.value().code == Code::truncated);
  CHECK(decode("brotli", std::string(600, '\xff')).fault.value().code == Code::corrupt);
  CHECK(unpack::guess_by_name("a/b.js.br") == unpack::format_by_name("brotli"));
  CHECK(unpack::guess_by_name("a.br/b.js") == nullptr);
}

TEST_CASE("encodings: bytes that only begin like them fail without being recognised again") {
  for (const std::string& bytes :
       {std::string("\x28\xb5\x2f\xfd") + std::string(600, '\x17'),
        std::string("\xfd"
                    "7zXZ\0",
                    6) +
            std::string(600, '\x17'),
        std::string("BZh9\x31\x41\x59\x26\x53\x59") + std::string(600, '\x17'),
        std::string("\x04\x22\x4d\x18") + std::string(600, '\x17')}) {
    const std::string format = format_of(bytes);
    CAPTURE(format);
    REQUIRE(format != "");
    const Decoded decoded = decode(format, bytes);
    CHECK(decoded.fault.has_value());
    CHECK(decoded.text == "");
    CHECK(decoded.rest.size() >= 500);
    CHECK(format_of(decoded.rest) == "");
  }
}

TEST_CASE("zstd: skippable frames may stand anywhere") {
  const std::string bytes = skippable("first") + zstd("one ") +
                            skippable(std::string(300'000, 's')) + zstd("two") + skippable("");
  CHECK(format_of(bytes) == "zstd");
  const Decoded decoded = decode("zstd", bytes + "tail");
  CHECK(decoded.text == "one two");
  CHECK(decoded.rest == "tail");
  CHECK(decode("lz4", skippable("first", 0x184D2A5F) + lz4("text")).text == "text");
  CHECK(format_of(skippable("first") + lz4("text")) == "lz4");
}

TEST_CASE("zstd: a window above the limit is a matter of memory, and costs none") {
  // Magic, a descriptor without content size, and a window of 2^31 bytes.
  const std::string bytes = std::string("\x28\xb5\x2f\xfd\x00\xa8", 6) + std::string(40, '\1');
  CHECK(decode("zstd", bytes).fault.value().code == Code::limit_memory);
  Limits small;
  small.decoder_memory = 1 << 16;
  const std::string bytes_200k = zstd(numbers(200'000));
  CHECK(decode("zstd", bytes_200k, small).fault.value().code == Code::limit_memory);
  CHECK_FALSE(decode("zstd", bytes_200k).fault.has_value());
}

TEST_CASE("zstd: a dictionary that is needed is named as that") {
  // The descriptor says one byte of dictionary id; window of 1 KiB; id 7.
  const std::string bytes = std::string("\x28\xb5\x2f\xfd\x01\x00\x07", 7) + std::string(40, '\1');
  CHECK(decode("zstd", bytes).fault.value().code == Code::dictionary);
}

TEST_CASE("zstd, lz4: a bad block keeps the blocks before it") {
  // Raw blocks of a frame without content size and with a window of 128 KiB; block type 3 is none.
  const auto zstd_block = [](std::string_view text, unsigned type) {
    return little(static_cast<std::uint32_t>(text.size() << 3 | type << 1)).substr(0, 3) +
           std::string(text);
  };
  const Decoded decoded =
      decode("zstd", std::string("\x28\xb5\x2f\xfd\x00\x38", 6) + zstd_block("one ", 0) +
                         zstd_block("two", 0) + zstd_block("bad", 3) + "more");
  CHECK(decoded.text == "one two");
  CHECK(decoded.fault.value().code == Code::corrupt);

  // The blocks of a lz4 frame; the last is not valid.
  std::string bytes = lz4(numbers(300'000));
  bytes.replace(bytes.size() - 4, 4, little(std::uint32_t{8}) + "\xff\xff\xff\xff\xff\xff\xff\xff");
  const Decoded blocks = decode("lz4", bytes);
  CHECK(blocks.text.size() == 300'000);
  CHECK(blocks.fault.value().code == Code::corrupt);
}

TEST_CASE("lz4: a dictionary that is needed is named as that") {
  const std::string bytes = std::string("\x04\x22\x4d\x18\x61\x40", 6) + std::string(40, '\1');
  CHECK(decode("lz4", bytes).fault.value().code == Code::dictionary);
}

TEST_CASE("xz: streams may be padded, and the padding is xz's") {
  const Decoded decoded =
      decode("xz", xz("one ") + std::string(8, '\0') + xz("two") + std::string(1000, '\0') + "x");
  CHECK(decoded.text == "one two");
  CHECK(decoded.rest == "x");
}

TEST_CASE("xz: a dictionary above the limit is a matter of memory") {
  Limits small;
  small.decoder_memory = 1 << 20;
  const Decoded decoded = decode("xz", xz(numbers(100'000), 9), small);
  CHECK(decoded.fault.value().code == Code::limit_memory);
  CHECK(decode("xz", xz(numbers(100'000), 9)).text.size() == 100'000);
}

TEST_CASE("lzma: is only recognised when its header makes sense and what follows decodes") {
  std::string bytes = lzma_alone(numbers(5000));
  CHECK(format_of(bytes) == "lzma");
  bytes[13] = '\1';
  CHECK(format_of(bytes) == "");
  // A table of small numbers has the shape of a header.
  std::string table;
  for (std::uint32_t i = 0; i < 300; ++i) table += little(i * 4096);
  CHECK(format_of(table.substr(3)) == "");
  CHECK(format_of(std::string("\x5d\0\0\x80\0\0\x10\0\0\0\0\0\0\0", 14) +
                  std::string(900, '\xaa')) == "");
}

TEST_CASE("zlib: is recognised wherever its checksum lies, also beyond what can be seen") {
  // Noise hardly shrinks, so that the stream grows by about a byte with each.
  std::string noise;
  for (std::uint32_t i = 0, x = 1; i < 2000; ++i) {
    x = x * 1664525 + 1013904223;
    noise += static_cast<char>(x >> 24);
  }
  std::size_t shortest = noise.size(), longest = 0;
  for (std::size_t size = unpack::kHeadBytes - 40; size < unpack::kHeadBytes + 20; ++size) {
    const std::string bytes = zlib_of(noise.substr(0, size));
    shortest = std::min(shortest, bytes.size());
    longest = std::max(longest, bytes.size());
    CAPTURE(bytes.size());
    CHECK(format_of(bytes) == "zlib");
  }
  CHECK(shortest < unpack::kHeadBytes);
  CHECK(longest > unpack::kHeadBytes + 8);
}

TEST_CASE("zlib: is recognised by what inflates, not by two bytes that text may have") {
  const std::string text = numbers(5000);
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  std::string sum = little(b << 16 | a);
  std::reverse(sum.begin(), sum.end());
  const std::string bytes = "\x78\x9c" + raw_deflate(text) + sum;
  CHECK(format_of(bytes) == "zlib");
  const Decoded decoded = decode("zlib", bytes + "tail");
  CHECK(decoded.text == text);
  CHECK(decoded.rest == "tail");
  CHECK_FALSE(decoded.fault.has_value());
  std::string bad = bytes;
  bad.back() ^= 1;
  CHECK(decode("zlib", bad).text == text);
  CHECK(decode("zlib", bad).fault.value().code == Code::corrupt);

  CHECK(format_of("x^2 + y^2 = z^2, said " + numbers(2000)) == "");
  CHECK(format_of("x\x9c") == "");
  CHECK(format_of("x\x01" + numbers(1000)) == "");
  CHECK(format_of("x\xda") == "");
}

TEST_CASE("lzip: members behind each other are one") {
  // "hello\n" as lzip writes it, version 1, dictionary of 4 KiB.
  const std::string bytes(
      "LZIP\x01\x0c\x00\x34\x19\x49\xee\x8d\xdd\x3d\x3a\xdf\xff\xff\xdd\x12\x00\x00\x20\x30\x3a"
      "\x36\x06\x00\x00\x00\x00\x00\x00\x00\x2a\x00\x00\x00\x00\x00\x00\x00",
      42);
  CHECK(format_of(bytes) == "lzip");
  const Decoded decoded = decode("lzip", bytes + bytes + "tail");
  CHECK(decoded.text == "hello\nhello\n");
  CHECK(decoded.rest == "tail");
  CHECK_FALSE(decoded.fault.has_value());
}
