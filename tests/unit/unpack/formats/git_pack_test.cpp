#include "support/compressors.h"
#include "support/unpacking.h"
#include "support/wrapped.h"

using namespace minescan;
using namespace minescan::test;

namespace {

std::string front(unsigned kind, std::size_t size) {
  std::string text;
  auto byte = static_cast<unsigned>(kind << 4 | (size & 15));
  for (size >>= 4; size != 0; size >>= 7) {
    text += static_cast<char>(byte | 0x80);
    byte = static_cast<unsigned>(size & 0x7f);
  }
  return text + static_cast<char>(byte);
}

std::string pack(std::uint32_t count, const std::string& objects) {
  return std::string("PACK\0\0\0\2", 8) + big32(count) + objects + std::string(20, 'h');
}

const std::string kBase = "first line\nsecond line\n";
// Bytes 0 to 11 of the base, then four that are added.
const std::string kDelta = std::string("\x17\x0f\x90\x0b\4", 5) + "xyz\n";

}  // namespace

TEST_CASE("git pack: objects are members, and what changes an earlier one is put together") {
  const std::string base = front(3, kBase.size()) + zlib_of(kBase);
  const std::string commit = front(1, 7) + zlib_of("message");
  const std::string changed =
      front(6, kDelta.size()) + static_cast<char>(base.size()) + zlib_of(kDelta);
  const std::string later = pack(3, base + changed + commit);
  const Seen seen = walk("git pack", later + "rest");
  CHECK(seen.names() == "blob 1 blob 2 commit 3");
  CHECK(seen.text("blob 1") == kBase);
  CHECK(seen.text("blob 2") == "first line\nxyz\n");
  CHECK(seen.text("commit 3") == "message");
  CHECK(seen.gaps.empty());
  CHECK(seen.rest == "rest");
}

TEST_CASE("git pack: a change of what is not at hand is looked at as it is, and is a gap") {
  const std::string changed = front(7, kDelta.size()) + std::string(20, 'i') + zlib_of(kDelta);
  const Seen seen = walk("git pack", pack(1, changed));
  CHECK(seen.text("blob 1") == kDelta);
  CHECK(seen.has_gap(GapReason::limit_memory));
  // So is one that leads in front of the pack.
  const std::string before = front(6, kDelta.size()) + "\x7f" + zlib_of(kDelta);
  CHECK(walk("git pack", pack(1, before)).has_gap(GapReason::limit_memory));
}

TEST_CASE("git pack: a broken object is no silence") {
  const std::string whole = front(3, kBase.size()) + zlib_of(kBase);
  CHECK(walk("git pack", pack(2, whole + "\5" + zlib_of("x"))).has_gap(GapReason::decode_corrupt));
  const Seen wrong =
      walk("git pack",
           pack(2, whole + front(6, 3) + static_cast<char>(whole.size()) + zlib_of("\1\1z")));
  CHECK(wrong.entries.size() == 2);
  REQUIRE(wrong.entries.at(1).fault.has_value());
  CHECK(wrong.entries.at(1).fault->what ==
        "git object is told as a change of another one that it is not");
}
