#include "support/compressors.h"
#include "support/unpacking.h"

using namespace minescan;
using namespace minescan::test;

TEST_CASE("gzip: a member of any size is decoded, and its parent stands behind it") {
  for (const std::size_t size : {0U, 1U, 511U, 70'000U, 3'000'000U}) {
    CAPTURE(size);
    const std::string text = numbers(size);
    const Decoded decoded = decode("gzip", gzip(text));
    CHECK(decoded.text == text);
    CHECK_FALSE(decoded.fault.has_value());
    CHECK(decoded.rest == "");
  }
}

TEST_CASE("gzip: members behind each other are one, with NULs between and after them") {
  const std::string zeros(700, '\0');
  const std::string empty = gzip("");
  const Decoded decoded =
      decode("gzip", gzip("one ") + gzip("two ") + empty + zeros + gzip("three") + zeros);
  CHECK(decoded.text == "one two three");
  CHECK(decoded.rest == "");
  CHECK_FALSE(decoded.fault.has_value());
}

TEST_CASE("gzip: what follows and is not gzip is left to the caller, from its first byte") {
  CHECK(decode("gzip", gzip("one") + "plain text").rest == "plain text");
  CHECK(decode("gzip", gzip("one") + std::string(3, '\0') + "x").rest == "x");
  CHECK(decode("gzip", gzip("one") + "\x1f\x8b").rest == "\x1f\x8b");
  const std::string later = "junk" + gzip("two");
  CHECK(decode("gzip", gzip("one") + later).rest == later);
}

TEST_CASE("gzip: the parent's position is right wherever in a window the member ends") {
  for (const std::size_t size : {262'100U, 262'110U, 262'116U, 262'125U, 262'130U, 262'144U}) {
    CAPTURE(size);
    const std::string text = numbers(size);
    const Decoded decoded = decode("gzip", gzip_around(text, stored_deflate(text)) + "tail");
    CHECK(decoded.text == text);
    CHECK(decoded.rest == "tail");
  }
}

TEST_CASE("gzip: a wrong checksum or size is a fault, but everything is decoded") {
  std::string bytes = gzip("hello");
  SUBCASE("checksum") { bytes[bytes.size() - 8] ^= 1; }
  SUBCASE("size") { bytes[bytes.size() - 4] ^= 1; }
  const Decoded decoded = decode("gzip", bytes + gzip(" world"));
  CHECK(decoded.text == "hello world");
  REQUIRE(decoded.fault.has_value());
  CHECK(decoded.fault->code == Code::corrupt);
}

TEST_CASE("gzip: a stream cut short is decoded as far as it goes, and is truncated") {
  const std::string text = numbers(100'000);
  const std::string bytes = gzip(text);
  for (const std::size_t cut : {1U, 7U, 8U, 9U, 20'000U}) {
    CAPTURE(cut);
    const Decoded decoded = decode("gzip", bytes.substr(0, bytes.size() - cut));
    CHECK(text.starts_with(decoded.text));
    CHECK((cut > 9 || decoded.text.size() > text.size() - 100));
    REQUIRE(decoded.fault.has_value());
    CHECK(decoded.fault->code == Code::truncated);
  }
  CHECK(decode("gzip", bytes.substr(0, 5)).fault.value().code == Code::truncated);
}

TEST_CASE("gzip: bad deflate data keeps what came before it, and is corrupt") {
  const std::string text = numbers(300'000);
  std::string packed = stored_deflate(text);
  const std::size_t third = 2 * (0xffff + 5);
  packed[third + 3] ^= 0x55;  // the complement of a block's size
  const Decoded decoded = decode("gzip", gzip_around(text, packed));
  CHECK(decoded.text == text.substr(0, 2 * 0xffff));
  REQUIRE(decoded.fault.has_value());
  CHECK(decoded.fault->code == Code::corrupt);
}

TEST_CASE("gzip: after a failure the parent is not where the same would be recognised again") {
  const std::string bytes = kGzipHeader + "\x07 no deflate";
  const Decoded decoded = decode("gzip", bytes);
  CHECK(decoded.fault.value().code == Code::corrupt);
  CHECK(decoded.rest == "\x07 no deflate");
}

TEST_CASE("gzip: a header with every field, however long, is passed over") {
  const std::string extra(60'000, 'e');
  const std::string name = "evil\x1b[2J" + std::string(400'000, 'n');
  std::string header("\x1f\x8b\x08\x1e\0\0\0\0\0\xff", 10);
  header += little(static_cast<std::uint16_t>(extra.size())) + extra;
  header += name + std::string(1, '\0') + "comment" + std::string(1, '\0');
  const std::string body =
      raw_deflate("text") + little(crc32_of("text")) + little(std::uint32_t{4});
  const auto sum = static_cast<std::uint16_t>(crc32_of(header));
  const Decoded good = decode("gzip", header + little(sum) + body);
  CHECK(good.text == "text");
  CHECK_FALSE(good.fault.has_value());
  const Decoded bad = decode("gzip", header + little(static_cast<std::uint16_t>(sum + 1)) + body);
  CHECK(bad.text == "text");
  CHECK(bad.fault.value().code == Code::corrupt);
}

TEST_CASE("gzip: reserved flag bits do not hide the data, but make it incomplete") {
  std::string bytes = gzip("text");
  bytes[3] = '\x20';
  const Decoded decoded = decode("gzip", bytes);
  CHECK(decoded.text == "text");
  CHECK(decoded.fault.value().code == Code::unsupported);
}

TEST_CASE("gzip: a ratio of a thousand to one is no reason to stop") {
  const std::string text = std::string(64 << 20, '\0') + "MARKER";
  const std::string bytes = gzip(text);
  CHECK(bytes.size() < text.size() / 150);
  MemorySource source(as_bytes(bytes));
  const auto decoded = unpack::format_by_name("gzip")->decode(source, {});
  CHECK(skip_bytes(*decoded, text.size() - 6) == text.size() - 6);
  CHECK(as_text(decoded->peek(100)) == "MARKER");
}

TEST_CASE("gzip: a peek sees as much as was asked for, over the seams of the buffer") {
  const std::string text = numbers(5'000'000);
  const std::string bytes = gzip(text);
  MemorySource source(as_bytes(bytes));
  const auto decoded = unpack::format_by_name("gzip")->decode(source, {});
  std::size_t at = 0;
  for (const std::size_t want : {10U, 600'000U, 7U, 2'000'000U, 1U}) {
    CAPTURE(want);
    const ByteView view = decoded->peek(want);
    REQUIRE(view.size() >= want);
    CHECK(as_text(view.first(want)) == std::string_view(text).substr(at, want));
    const std::size_t step = want - want / 3;
    decoded->skip(step);
    at += step;
  }
  CHECK(skip_bytes(*decoded, text.size()) == text.size() - at);
  CHECK(decoded->peek(1).empty());
}

TEST_CASE("gzip: a fault of the parent is passed on") {
  const std::string bytes = gzip(numbers(5000));
  StingySource parent(bytes.substr(0, 1000), Error{Code::io, "read failed"});
  const auto source = unpack::format_by_name("gzip")->decode(parent, {});
  skip_bytes(*source, 1 << 20);
  CHECK(source->fault().value().code == Code::io);
}
