#include "acquire/verifying_source.h"

#include <doctest/doctest.h>

#include "acquire/file_source.h"
#include "acquire/files.h"
#include "support/image_bytes.h"
#include "support/reading.h"

using namespace minescan;
using namespace minescan::acquire;

namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 % 251);
  return bytes;
}

test::ReadBytes verify(const std::string& bytes, const std::string& digest, std::uint64_t size,
                       std::size_t step = 4096) {
  VerifyingSource source(std::make_unique<MemorySource>(as_bytes(bytes)), "blob", digest, size);
  return test::read_all(source, step);
}

}  // namespace

TEST_CASE("verifying source: bytes that keep the promise are no fault, however they are read") {
  const std::string bytes = pattern(10'000);
  for (const std::size_t step :
       {std::size_t{1}, std::size_t{9999}, std::size_t{10'000}, kMaxPeek / 2}) {
    const auto read = verify(bytes, sha256(as_bytes(bytes)), bytes.size(), step);
    CHECK(read.bytes == bytes);
    CHECK_FALSE(read.fault.has_value());
  }
  Hasher sha512("sha512");
  sha512.update(as_bytes(bytes));
  CHECK_FALSE(verify(bytes, sha512.finish(), bytes.size()).fault.has_value());
  CHECK_FALSE(verify("", sha256({}), 0).fault.has_value());
}

TEST_CASE("verifying source: one changed byte is an integrity fault naming both digests") {
  std::string bytes = pattern(5000);
  const std::string promised = sha256(as_bytes(bytes));
  bytes[4999] = static_cast<char>(bytes[4999] ^ 1);
  const auto read = verify(bytes, promised, bytes.size());
  CHECK(read.bytes == bytes);
  REQUIRE(read.fault.has_value());
  CHECK(read.fault->code == Code::integrity);
  CHECK(read.fault->what.find(promised) != std::string::npos);
  CHECK(read.fault->what.find(sha256(as_bytes(bytes))) != std::string::npos);
}

TEST_CASE("verifying source: more bytes than promised are not shown, and a fault") {
  const std::string bytes = pattern(5000);
  const auto read = verify(bytes, sha256(as_bytes(bytes.substr(0, 4096))), 4096, 4096);
  CHECK(read.bytes.size() == 4096);
  REQUIRE(read.fault.has_value());
  CHECK(read.fault->code == Code::integrity);
}

TEST_CASE("verifying source: fewer bytes than promised are a fault") {
  const std::string bytes = pattern(5000);
  const auto read = verify(bytes, sha256(as_bytes(bytes)), 5001);
  CHECK(read.bytes == bytes);
  REQUIRE(read.fault.has_value());
  CHECK(read.fault->code == Code::integrity);
}

TEST_CASE("file source: a range of a file, with overlapping looks") {
  const test::TempDirectory directory;
  const std::string bytes = pattern(600'000);
  const auto file =
      std::make_shared<const Fd>(open_named_file(directory.write("f", bytes)).value());
  FileSource range(file, "f", 1000, 500'000);
  const auto read = test::read_all(range, 100'000);
  CHECK(read.bytes == bytes.substr(1000, 500'000));
  CHECK_FALSE(read.fault.has_value());
  FileSource rest(file, "f", 599'990);
  CHECK(test::read_all(rest).bytes == bytes.substr(599'990));
  FileSource beyond(file, "f", 599'990, 20);
  const auto cut = test::read_all(beyond);
  CHECK(cut.bytes.size() == 10);
  REQUIRE(cut.fault.has_value());
  CHECK(cut.fault->code == Code::truncated);
}
