// Disks, and the compression of single files on them.
#include "support/archives.h"
#include "support/compressors.h"
#include "support/unpacking.h"

using namespace minescan;
using namespace minescan::test;

namespace {

constexpr std::size_t kSector = 2048;

std::string both(std::uint32_t value) {
  std::string text = little(value);
  return text + std::string(text.rbegin(), text.rend());
}

struct RecordSpec {
  std::string name;
  std::size_t sector = 0;
  std::size_t size = 0;
  unsigned flags = 0;
  std::string fields = {};  // Rock Ridge's
};

std::string record(const RecordSpec& spec) {
  std::string text = both(static_cast<std::uint32_t>(spec.sector)) +
                     both(static_cast<std::uint32_t>(spec.size)) + std::string(7, '\1') +
                     static_cast<char>(spec.flags) + std::string(2, '\0') +
                     std::string("\1\0\0\1", 4) + static_cast<char>(spec.name.size()) + spec.name;
  if (spec.name.size() % 2 == 0) text += '\0';
  text += spec.fields;
  if (text.size() % 2 != 0) text += '\0';
  return std::string{static_cast<char>(text.size() + 2), '\0'} + text;
}

std::string field(const std::string& kind, const std::string& body) {
  return kind + static_cast<char>(body.size() + 4) + '\1' + body;
}

std::string folder(std::size_t sector, const std::vector<RecordSpec>& entries) {
  std::string text = record({.name = std::string(1, '\0'), .sector = sector, .size = kSector}) +
                     record({.name = "\1", .sector = sector, .size = kSector});
  for (const RecordSpec& entry : entries) text += record(entry);
  return padded(text, kSector);
}

std::string descriptor(unsigned type, std::size_t root, std::size_t sectors) {
  std::string text = static_cast<char>(type) + std::string("CD001\1\0", 7) + std::string(64, ' ');
  text += std::string(8, '\0') + both(static_cast<std::uint32_t>(sectors));
  text.resize(128);
  text += std::string("\0\x08\x08\0", 4);
  text.resize(156);
  text += record({.name = std::string(1, '\0'), .sector = root, .size = kSector, .flags = 2});
  if (type == 2) text.replace(88, 3, "%/E");
  return padded(text, kSector);
}

const std::string kLast = padded(
    "\xff"
    "CD001\1",
    kSector);

// From the first descriptor on, which is sector 16; `rest` begins with sector 18.
std::string disk(std::size_t root, const std::string& rest) {
  return descriptor(1, root, 18 + rest.size() / kSector) + kLast + rest;
}

std::string wide(std::string_view text) {
  std::string all;
  for (const char c : text) all += std::string{'\0', c};
  return all;
}

}  // namespace

TEST_CASE("iso9660: folders and files, with names of Rock Ridge and without") {
  const std::string body = numbers(5'000);
  const std::string rest = folder(18, {{.name = "SUB", .sector = 19, .size = kSector, .flags = 2},
                                       {.name = "README.;1", .sector = 20, .size = 3},
                                       {.name = "EMPTY.TXT;1"},
                                       {.name = "LINK.;1",
                                        .fields = field("NM", std::string(1, '\0') + "to") +
                                                  field("SL", std::string("\0\4\0\0\3usr", 8))}}) +
                           folder(19, {{.name = "LONG_NAM.SH;1",
                                        .sector = 21,
                                        .size = body.size(),
                                        .fields = field("PX", both(0100755)) +
                                                  field("NM", std::string(1, '\1') + "long na") +
                                                  field("NM", std::string(1, '\0') + "me.sh")}}) +
                           padded("abc", kSector) + padded(body, kSector);
  const Seen seen = walk("iso9660", disk(18, rest) + "behind");
  CHECK(seen.names() == "SUB EMPTY.TXT to README SUB/long name.sh");
  CHECK(seen.text("README") == "abc");
  CHECK(seen.text("SUB/long name.sh") == body);
  for (const SeenEntry& entry : seen.entries) {
    if (entry.member.name == "to") CHECK(entry.member.target == "../usr");
    if (entry.member.name == "SUB/long name.sh") CHECK(entry.member.mode == 0100755);
  }
  CHECK(seen.gaps.empty());
  CHECK(seen.rest == "behind");
}

TEST_CASE("iso9660: Joliet names the same files, or others") {
  const std::string rest = kLast +
                           folder(19, {{.name = "A_LONG~1.TXT;1", .sector = 21, .size = 3}}) +
                           folder(20, {{.name = wide("a long name.txt"), .sector = 21, .size = 3},
                                       {.name = wide("hidden.sh;1"), .sector = 22, .size = 5}}) +
                           padded("abc", kSector) + padded("defgh", kSector);
  const Seen seen = walk("iso9660", descriptor(1, 19, 23) + descriptor(2, 20, 23) + rest);
  CHECK(seen.names() == "a long name.txt hidden.sh");
  CHECK(seen.text("a long name.txt") == "abc");
  CHECK(seen.text("hidden.sh") == "defgh");
  CHECK(seen.gaps.empty());
}

TEST_CASE("iso9660: a file of several records is one, two names of a file are both told") {
  const std::string first = padded(numbers(4'000), 2 * kSector), second = "the end";
  const std::string rest =
      folder(18, {{.name = "BIG.;1", .sector = 19, .size = first.size(), .flags = 0x80},
                  {.name = "BIG.;1", .sector = 21, .size = second.size()},
                  {.name = "SAME.;1", .sector = 22, .size = 3},
                  {.name = "AGAIN.;1", .sector = 22, .size = 3}}) +
      first + padded(second, kSector) + padded("abc", kSector);
  const Seen seen = walk("iso9660", disk(18, rest));
  CHECK(seen.text("BIG") == first + second);
  CHECK(seen.names() == "BIG SAME AGAIN");
  CHECK(seen.entries.back().member.kind == unpack::Member::Kind::hardlink);
  CHECK(seen.entries.back().member.target == "SAME");
  CHECK(seen.gaps.empty());
}

TEST_CASE("iso9660: a folder may lie before the one that names it") {
  const std::string rest =
      folder(18, {{.name = "IN.;1", .sector = 20, .size = 3}}) +
      folder(19, {{.name = "SUB", .sector = 18, .size = kSector, .flags = 2}}) +
      padded("abc", kSector);
  const Seen seen = walk("iso9660", disk(19, rest));
  CHECK(seen.names() == "SUB SUB/IN");
  CHECK(seen.text("SUB/IN") == "abc");
  CHECK(seen.gaps.empty());
}

TEST_CASE("iso9660: what no folder names is looked at, what was passed before is a gap") {
  const std::string rest = padded("nobody's", kSector) +
                           folder(19, {{.name = "BEFORE.;1", .sector = 18, .size = 8},
                                       {.name = "LOOP", .sector = 19, .size = kSector, .flags = 2},
                                       {.name = "WITHIN.;1", .sector = 21, .size = 5},
                                       {.name = "ALL.;1", .sector = 20, .size = 2 * kSector}}) +
                           padded("all of it", kSector) + padded("within", kSector);
  const Seen seen = walk("iso9660", disk(19, rest));
  CHECK(seen.own.find("nobody's") != std::string::npos);
  CHECK(seen.names() == "LOOP ALL");
  REQUIRE(seen.gaps.size() == 1);
  CHECK(seen.gaps[0].reason == GapReason::decode_unsupported);
  CHECK(seen.gaps[0].detail.find("has 2 files or directories") != std::string::npos);
}

TEST_CASE("iso9660: a file that is called a folder is a gap") {
  const std::string file = padded(test::gzip("what nobody unpacks"), kSector);
  const std::string rest =
      folder(18, {{.name = "A.GZ;1", .sector = 19, .size = kSector, .flags = 2}}) + file;
  CHECK(walk("iso9660", disk(18, rest)).gaps.size() == 1);
}

TEST_CASE("iso9660: cut short anywhere, every byte is accounted for") {
  const std::string rest = folder(18, {{.name = "SUB", .sector = 19, .size = kSector, .flags = 2},
                                       {.name = "A.;1", .sector = 20, .size = 3'000}}) +
                           folder(19, {{.name = "B.;1", .sector = 22, .size = 2'500}}) +
                           numbers(4 * kSector);
  const std::string whole = disk(18, rest);
  for (std::size_t size = 140; size < whole.size(); size += 397) {
    CAPTURE(size);
    const Seen seen = walk("iso9660", whole.substr(0, size));
    CHECK(seen.rest == "");
    if (size < 2 * kSector) CHECK(seen.entries.empty());
    if (size <= 4 * kSector) CHECK(seen.has_gap(GapReason::decode_truncated));
  }
  // A folder that says to be larger than the disk.
  const std::string huge =
      disk(18, folder(18, {{.name = "S", .sector = 19, .size = 0xfffff000, .flags = 2}}) +
                   folder(19, {{.name = "B.;1"}}));
  CHECK(walk("iso9660", huge).names() == "S S/B");
  // Without a name of its own; a record that is shorter than its name.
  std::string odd = disk(18, folder(18, {{.name = "A.;1", .sector = 19, .size = 3}}));
  odd[odd.find("A.;1") - 1] = '\xff';
  CHECK(walk("iso9660", odd).entries.empty());
}

namespace {

std::string zisofs(const std::string& text, const std::vector<std::string>& blocks) {
  std::string table = little(static_cast<std::uint32_t>(16 + 4 * (blocks.size() + 1)));
  std::string all;
  for (const std::string& block : blocks) {
    all += block;
    table += little(static_cast<std::uint32_t>(16 + 4 * (blocks.size() + 1) + all.size()));
  }
  return "\x37\xe4\x53\x96\xc9\xdb\xd6\x07" + little(static_cast<std::uint32_t>(text.size())) +
         std::string("\x04\x0f\0\0", 4) + table + all;
}

std::string zlib_block(const std::string& text) {
  return "\x78\x9c" + raw_deflate(text) + std::string(4, '\0');
}

}  // namespace

TEST_CASE("zisofs: blocks, blocks of zeros, and what is broken") {
  const std::string one = numbers(32'768), end = numbers(1'000);
  const std::string text = one + std::string(32'768, '\0') + end;
  const std::vector<std::string> blocks = {zlib_block(one), "", zlib_block(end)};
  const std::string bytes = zisofs(text, blocks);
  CHECK(format_of(bytes) == "zisofs");
  const Decoded decoded = decode("zisofs", bytes + "tail");
  CHECK(decoded.text == text);
  CHECK(decoded.rest == "tail");
  CHECK_FALSE(decoded.fault.has_value());
  CHECK(decode("zisofs", zisofs("", {})).text == "");
  CHECK(decode("zisofs", bytes.substr(0, bytes.size() - 5)).fault.value().code == Code::truncated);
  CHECK(decode("zisofs", bytes.substr(0, 20)).fault.value().code == Code::truncated);
  const Decoded broken = decode("zisofs", zisofs(text, {blocks[0], "", zlib_block(end + "x")}));
  CHECK(broken.text.starts_with(one + std::string(32'768, '\0')));
  CHECK(broken.fault.value().code == Code::corrupt);
  std::string mixed = bytes;
  mixed[20] = '\xff';
  CHECK(decode("zisofs", mixed).fault.value().code == Code::corrupt);
}
