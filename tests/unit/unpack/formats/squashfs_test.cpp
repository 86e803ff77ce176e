#include "support/squashfs_file.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "support/archives.h"
#include "support/unpacking.h"

using namespace minescan;
using namespace minescan::test;

namespace {

std::string sample(const std::string& name) {
  std::ifstream file(MINESCAN_SOURCE_DIR "/testdata/squashfs/" + name, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string lines() {
  std::string text;
  while (text.size() < 4600) text += "a line of text\n";
  return text.substr(0, 4600);
}

const SeenEntry& entry(const Seen& seen, std::string_view name) {
  for (const SeenEntry& one : seen.entries) {
    if (one.member.name == name) return one;
  }
  FAIL("no entry " << name);
  return seen.entries.front();
}

// Of an image with two files, of which the first has two blocks.
SquashfsFile two_files() {
  return squashfs({{.name = "first", .body = std::string(4096, 'a') + "tail"},
                   {.name = "second", .body = "second's text"}});
}

}  // namespace

TEST_CASE("squashfs: files, links, devices, holes and tails of an image of mksquashfs") {
  const std::string bytes = sample("all.squashfs");
  CHECK(format_of(bytes) == "squashfs");
  const Seen seen = walk("squashfs", bytes);
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
  CHECK(seen.own == bytes);
  CHECK(seen.rest.empty());
  REQUIRE(seen.entries.size() == 4 + 260 + 8);
  CHECK(seen.text("empty").empty());
  CHECK(seen.text("hole") == "begin" + std::string(12288 - 5, '\0') + "end");
  CHECK(seen.text("usr/share/doc/lines") == lines());
  CHECK(seen.text("many/1") == "1\n");
  CHECK(seen.text("many/260") == "260\n");
  CHECK(entry(seen, "null").member.kind == unpack::Member::Kind::special);
  CHECK(entry(seen, "null").member.mode == 0666);
  CHECK(entry(seen, "usr").member.kind == unpack::Member::Kind::directory);
  const unpack::Member link = entry(seen, "usr/share/link").member;
  CHECK(link.kind == unpack::Member::Kind::symlink);
  CHECK(link.target == "../bin/hello");
  CHECK(entry(seen, "usr/bin/hello").member.mode == 0755);
  CHECK(seen.text("usr/bin/hello") == "#!/bin/sh\necho hello\n");
  const unpack::Member again = entry(seen, "usr/bin/hello-again").member;
  CHECK(again.kind == unpack::Member::Kind::hardlink);
  CHECK(again.target == "usr/bin/hello");
}

TEST_CASE("squashfs: every way of packing gives the same, and what is not read is a gap") {
  const Seen plain = walk("squashfs", sample("plain.squashfs"));
  CHECK(plain.names() ==
        "bin bin/hello bin/hello-again share share/doc share/doc/lines share/link");
  CHECK(plain.text("share/doc/lines") == lines());
  for (const char* name : {"lzma", "xz", "lz4", "zstd"}) {
    CAPTURE(name);
    const Seen packed = walk("squashfs", sample(std::string(name) + ".squashfs"));
    CHECK(packed.gaps.empty());
    REQUIRE(packed.entries.size() == plain.entries.size());
    for (std::size_t i = 0; i < plain.entries.size(); ++i) {
      CHECK(packed.entries[i].summary() == plain.entries[i].summary());
    }
  }
  const std::string bytes = sample("lzo.squashfs");
  const Seen lzo = walk("squashfs", bytes);
  CHECK(lzo.entries.empty());
  CHECK(lzo.own == bytes);
  REQUIRE(lzo.gaps.size() == 1);
  CHECK(lzo.gaps[0].reason == GapReason::decode_unsupported);
  CHECK(lzo.gaps[0].detail.find("packed with lzo") != std::string::npos);
}

TEST_CASE("squashfs: a way of packing that nobody knows is a gap") {
  for (const unsigned compressor : {0U, 7U, 117U, 65535U}) {
    SquashfsFile image = two_files();
    image.put(20, compressor, 2);
    const Seen seen = walk("squashfs", image.bytes);
    CHECK(seen.has_gap(GapReason::decode_unsupported));
    CHECK(seen.own == image.bytes);
  }
}

TEST_CASE("squashfs: padding to a disk's block is the image's, what follows is not") {
  const SquashfsFile image = two_files();
  const std::string padded = image.bytes + std::string(4096 - image.bytes.size() % 4096, '\0');
  const std::string next = tar({{.name = "run.sh", .body = "x"}});
  CHECK(walk("squashfs", padded + next).rest == next);
  CHECK(walk("squashfs", padded + std::string(5, '\0') + next).rest == std::string(5, '\0') + next);
  CHECK(walk("squashfs", image.bytes + next).rest == next);
  CHECK(walk("squashfs", padded + next).gaps.empty());
}

TEST_CASE("squashfs: wherever an image is cut off, its bytes are its own and a gap says so") {
  const SquashfsFile image = two_files();
  for (std::size_t size = 96; size < image.bytes.size(); size += size < 8000 ? 97 : 1) {
    CAPTURE(size);
    const Seen seen = walk("squashfs", image.bytes.substr(0, size));
    CHECK(seen.has_gap(GapReason::decode_truncated));
    CHECK(seen.own.size() == size);
    CHECK(seen.entries.empty());
  }
}

TEST_CASE("squashfs: a header that no system would mount is a gap, and what follows is looked at") {
  const auto broken = [](std::size_t at, std::uint64_t value, std::size_t size) {
    SquashfsFile image = two_files();
    image.put(at, value, size);
    const Seen seen = walk("squashfs", image.bytes);
    CHECK(seen.entries.empty());
    CHECK(seen.has_gap(GapReason::decode_corrupt));
    CHECK(seen.own.size() == 96);
    CHECK(seen.rest == image.bytes.substr(96));
  };
  broken(12, 4097, 4);      // size of a block
  broken(12, 1U << 31, 4);  // the same
  broken(22, 40, 2);        // its logarithm
  broken(64, 4, 8);         // inodes in the header
  broken(72, 96, 8);        // directories before inodes
  broken(40, 96, 8);        // the end before its tables
  const Seen none = walk("squashfs", "hsqs" + std::string(24, '\0') + std::string("\4\0\0\0", 4));
  CHECK(none.has_gap(GapReason::decode_corrupt));
}

TEST_CASE("squashfs: an image that is too large for memory is a gap, and its bytes the caller's") {
  const SquashfsFile image = two_files();
  Limits limits;
  limits.decoder_memory = image.bytes.size();
  CHECK(walk("squashfs", image.bytes, limits).entries.size() == 2);
  --limits.decoder_memory;
  const Seen seen = walk("squashfs", image.bytes, limits);
  CHECK(seen.has_gap(GapReason::limit_memory));
  CHECK(seen.entries.empty());
  CHECK(seen.rest == image.bytes.substr(96));
}

TEST_CASE(
    "squashfs: a block that cannot be read is a fault, and the file's other blocks are shown") {
  SquashfsFile image = two_files();
  image.put(image.inode[0] + 32, 4096, 4);  // said to be packed
  Seen seen = walk("squashfs", image.bytes);
  CHECK(seen.text("first") == std::string(4096, '\0') + "tail");
  REQUIRE(entry(seen, "first").fault.has_value());
  CHECK(entry(seen, "first").fault->code == Code::corrupt);
  CHECK(seen.text("second") == "second's text");
  CHECK_FALSE(entry(seen, "second").fault.has_value());

  image = two_files();
  image.put(image.inode[0] + 32, 4097 | 1U << 24, 4);  // larger than blocks are
  seen = walk("squashfs", image.bytes);
  CHECK(entry(seen, "first").fault.has_value());

  image = two_files();
  image.put(image.inode[0] + 16, 0xfffffff0, 4);  // outside
  seen = walk("squashfs", image.bytes);
  CHECK(seen.text("first") == std::string(4100, '\0'));
  CHECK(entry(seen, "first").fault.has_value());

  image = two_files();
  image.put(image.inode[0] + 32, 4000 | 1U << 24, 4);  // shorter than the file needs
  seen = walk("squashfs", image.bytes);
  CHECK(seen.text("first").size() == 4100);
  CHECK(entry(seen, "first").fault.has_value());
}

TEST_CASE("squashfs: a file whose blocks are listed behind the table's end is shown to there") {
  SquashfsFile image = two_files();
  image.put(image.inode[1] + 28, 0xffffffff, 4);  // its size
  const Seen seen = walk("squashfs", image.bytes);
  const SeenEntry& second = entry(seen, "second");
  CHECK(second.text.starts_with("second's text"));
  CHECK(second.text.size() < 20 * 4096);
  REQUIRE(second.fault.has_value());
  CHECK(second.fault->code == Code::corrupt);
}

TEST_CASE("squashfs: a tail in a fragment that is not there is a fault") {
  SquashfsFile image = two_files();
  image.put(image.inode[1] + 20, 0, 4);  // fragment 0 of none
  const Seen none = walk("squashfs", image.bytes);
  CHECK(entry(none, "second").fault.has_value());
  image.put(16, 1, 4);  // one, in a table at the image's end
  image.put(80, image.bytes.size() - 4, 8);
  CHECK(entry(walk("squashfs", image.bytes), "second").fault.has_value());
  image.put(80, 0xfffffffffffffff0, 8);
  CHECK(entry(walk("squashfs", image.bytes), "second").fault.has_value());
}

TEST_CASE("squashfs: a directory in itself is looked at once") {
  SquashfsFile image = two_files();
  image.put(image.entry[0], image.inode[2] - image.inode[0], 2);
  const Seen seen = walk("squashfs", image.bytes);
  CHECK(seen.names() == "first second");
  CHECK(seen.text("second") == "second's text");
  REQUIRE(seen.gaps.size() == 1);
  CHECK(seen.gaps[0].detail.find("lists a directory twice") != std::string::npos);
}

TEST_CASE("squashfs: an inode with several names is unpacked once") {
  SquashfsFile image = two_files();
  image.put(image.entry[1], 0, 2);
  const Seen seen = walk("squashfs", image.bytes);
  CHECK(seen.text("first").size() == 4100);
  CHECK(seen.text("second").empty());
  CHECK(entry(seen, "second").member.kind == unpack::Member::Kind::hardlink);
}

TEST_CASE("squashfs: an entry without inode and a listing that breaks off are gaps") {
  SquashfsFile image = two_files();
  image.put(image.entry[0], 8000, 2);
  Seen seen = walk("squashfs", image.bytes);
  CHECK(seen.names() == "first second");
  CHECK(seen.has_gap(GapReason::decode_corrupt));
  CHECK(seen.text("second") == "second's text");

  image = two_files();
  image.put(image.inode[2] + 24, 60000, 2);  // the size of the listing
  seen = walk("squashfs", image.bytes);
  CHECK(seen.names() == "first second");
  CHECK(seen.has_gap(GapReason::decode_corrupt));

  image = two_files();
  image.put(image.listing, 256, 4);  // entries behind one header
  seen = walk("squashfs", image.bytes);
  CHECK(seen.entries.empty());
  CHECK(seen.has_gap(GapReason::decode_corrupt));

  image = two_files();
  image.put(32, 0x123456789a0000, 8);  // the root
  seen = walk("squashfs", image.bytes);
  CHECK(seen.entries.empty());
  CHECK(seen.has_gap(GapReason::decode_corrupt));
}

TEST_CASE("squashfs: more entries than the limit are a gap, and what follows is the caller's") {
  Limits limits;
  limits.entries = 100;
  const Seen seen = walk("squashfs", sample("all.squashfs") + "next", limits);
  CHECK(seen.entries.size() == 100);
  CHECK(seen.has_gap(GapReason::limit_entries));
  CHECK(seen.rest == "next");
}

TEST_CASE("squashfs: tails that take unpacking the same blocks too often end in a gap") {
  Limits limits;
  limits.leaf_bytes = 0;  // no more after the first
  const Seen seen = walk("squashfs", sample("all.squashfs"), limits);
  std::size_t faults = 0;
  for (const SeenEntry& one : seen.entries) {
    if (!one.fault) continue;
    CHECK(one.fault->code == Code::limit_bytes);
    ++faults;
  }
  CHECK(faults > 200);
}

TEST_CASE("squashfs: whatever byte is damaged, all bytes stay accounted for") {
  const std::string bytes = sample("zstd.squashfs");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    static_cast<void>(walk("squashfs", damaged, {}, std::size_t{1} << 20));
  }
}
