#include <doctest/doctest.h>

#include <string>

#include "acquire/git/ids.h"
#include "acquire/git/loose.h"
#include "acquire/git/pack.h"
#include "support/temp_dir.h"

using namespace minescan;
using namespace minescan::acquire;
using namespace std::string_literals;

namespace {

// What Python's zlib.compress makes of "blob 5", NUL, "hello".
const std::string kHello =
    "\x78\x9c\x4b\xca\xc9\x4f\x52\x30\x65\xc8\x48\xcd\xc9\xc9\x07\x00\x19\xaa\x04\x09"s;
const std::string kHelloId = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0";

Result<std::optional<GitObject>> read_hello(const std::string& bytes) {
  const test::TempDir folder;
  folder.write(kHelloId.substr(0, 2) + "/" + kHelloId.substr(2), bytes);
  return read_loose(folder.path(), *id_from_hex(kHelloId));
}

std::string why(const Result<std::optional<GitObject>>& read) {
  return read ? "" : read.error().what;
}

}  // namespace

TEST_CASE("git objects: a loose object is read, and one that is not there is none") {
  const auto object = read_hello(kHello);
  REQUIRE(object.has_value());
  REQUIRE(object->has_value());
  CHECK((*object)->bytes == "hello");
  const test::TempDir empty;
  const auto none = read_loose(empty.path(), *id_from_hex(kHelloId));
  REQUIRE(none.has_value());
  CHECK_FALSE(none->has_value());
}

TEST_CASE("git objects: a loose object that is cut anywhere says so") {
  for (std::size_t size = 0; size < kHello.size(); ++size) {
    CAPTURE(size);
    CHECK(why(read_hello(kHello.substr(0, size))).find(kHelloId + " is cut off") !=
          std::string::npos);
  }
  CHECK(why(read_hello(kHello + "x")).find("behind its end") != std::string::npos);
  std::string other = kHello;
  other.back() = '\x0a';
  CHECK(why(read_hello(other)).find("checksum") != std::string::npos);
}

TEST_CASE("git objects: loose objects are found by how their names begin") {
  const test::TempDir folder;
  folder.write("b6/" + kHelloId.substr(2), "");
  folder.write("b6/fc" + std::string(36, '0'), "");
  folder.write("b6/tmp_obj", "");
  std::vector<ObjectId> found;
  find_loose(folder.path(), "b6fc", found);
  CHECK(found.size() == 2);
  found.clear();
  find_loose(folder.path(), "b6fc4", found);
  REQUIRE(found.size() == 1);
  CHECK(hex(found.front()) == kHelloId);
}

TEST_CASE("git objects: an index of a pack is whole and in order, or it is an error") {
  const test::TempDir folder;
  const auto open = [&](const std::string& index) {
    folder.write("p.idx", index);
    return Pack::open(folder.path() + "/p");
  };
  const std::string head = "\xfftOc\0\0\0\x02"s, trailer(40, 'x');
  const std::string none(1024, '\0');
  CHECK(open(head + none + trailer).has_value());
  CHECK_FALSE(open(head + none + trailer.substr(1)).has_value());
  CHECK_FALSE(open("\xfftOc\0\0\0\x03"s + none + trailer).has_value());
  std::string one = none;
  one.replace(1020, 4, "\0\0\0\x01"s);
  CHECK_FALSE(open(head + one + trailer).has_value());
  CHECK(open(head + one + std::string(28, '\0') + trailer).has_value());
  one.replace(0, 4, "\0\0\0\x02"s);
  CHECK(open(head + one + std::string(56, '\0') + trailer).error().what.find("no order") !=
        std::string::npos);
}
