// ar, cpio and rpm.
#include "support/archives.h"
#include "support/unpacking.h"

using namespace minescan;
using namespace minescan::test;
using Kind = unpack::Member::Kind;

namespace {

const std::string kAr = "!<arch>\n";

std::string rpm_header(const std::string& data, std::uint32_t entries = 1) {
  const auto big = [](std::uint32_t value) {
    std::string bytes = little(value);
    return std::string(bytes.rbegin(), bytes.rend());
  };
  return std::string("\x8e\xad\xe8\x01\0\0\0\0", 8) + big(entries) +
         big(static_cast<std::uint32_t>(data.size())) + std::string(16, 'i') + data;
}

}  // namespace

TEST_CASE("ar: members of a Debian package come with their bodies") {
  const std::string bytes = kAr + ar_member("debian-binary", "2.0\n") +
                            ar_member("control.tar.gz", gzip("control") + "odd") +
                            ar_member("data.tar.xz/", xz("data"));
  CHECK(format_of(bytes) == "ar");
  const Seen seen = walk("ar", bytes);
  CHECK(seen.names() == "debian-binary control.tar.gz data.tar.xz");
  CHECK(seen.text("data.tar.xz") == xz("data"));
  CHECK(seen.entries.at(0).member.mode == 0100644);
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
  CHECK(seen.rest == "");
}

TEST_CASE("ar: long names of GNU and BSD are read, and an offset out of range is odd") {
  const std::string table = "a_very_long_object_name.o/\nanother_long_object_name.o/\n";
  const std::string bytes = kAr + ar_member("/", std::string(8, '\0')) + ar_member("//", table) +
                            ar_member("/0", "one") + ar_member("/27", "two") +
                            ar_member("/9999", "MARKER") +
                            ar_member("#1/20", std::string("bsd_name_of_object.o") + "three") +
                            ar_member("#1/999", "four");
  const Seen seen = walk("ar", bytes);
  CHECK(seen.names() ==
        "/ a_very_long_object_name.o another_long_object_name.o /9999 bsd_name_of_object.o #1/999");
  CHECK(seen.text("/9999") == "MARKER");
  CHECK(seen.text("bsd_name_of_object.o") == "three");
  CHECK(seen.text("#1/999") == "four");
  CHECK(seen.own.find(table) != std::string::npos);
  CHECK(seen.has_anomaly("behind the end of the table"));
  CHECK(seen.has_anomaly("does not fit"));
}

TEST_CASE("ar: members of a thin archive have no body there") {
  const std::string bytes = "!<thin>\n" + ar_member("//", "dir/a.o/\n") +
                            ar_member("/0", "", "5000") + ar_member("b.o/", "", "7");
  CHECK(format_of(bytes) == "ar");
  const Seen seen = walk("ar", bytes);
  CHECK(seen.names() == "dir/a.o b.o");
  CHECK(seen.entries.at(0).member.kind == Kind::special);
  CHECK(seen.entries.at(0).text == "");
  CHECK_FALSE(seen.entries.at(0).fault.has_value());
}

TEST_CASE("ar: broken headers and sizes hide nothing, and cut members have a fault") {
  const Seen junk = walk("ar", kAr + ar_member("a", "x") + "junk" + ar_member("b", "MARKER"));
  CHECK(junk.text("b") == "MARKER");
  CHECK(junk.has_anomaly("between its members"));
  const Seen size =
      walk("ar", kAr + ar_member("a", "HIDDEN", "garbage") + ar_member("b", "MARKER"));
  CHECK(size.text("b") == "MARKER");
  CHECK(size.own.find("HIDDEN") != std::string::npos);
  const Seen cut = walk("ar", kAr + ar_member("a", "0123456789").substr(0, 65));
  CHECK(cut.text("a") == "01234");
  CHECK(cut.entries.at(0).fault.value().code == Code::truncated);
  CHECK(walk("ar", kAr + "cut").has_gap(GapReason::decode_truncated));
  const Seen table = walk("ar", kAr + ar_member("//", "x", "9999999999") + ar_member("b", "y"));
  CHECK(table.has_gap(GapReason::limit_memory));
  const std::string tail(200, 't');
  CHECK(walk("ar", kAr + ar_member("a", "x") + tail).rest == tail);
}

TEST_CASE("cpio: all four forms are recognised and walked") {
  const auto check = [](const std::string& bytes) {
    CHECK(format_of(bytes) == "cpio");
    const Seen seen = walk("cpio", bytes);
    CHECK(seen.names() == "dir file link null");
    CHECK(seen.text("file") == "hello");
    CHECK(seen.entries.at(0).member.kind == Kind::directory);
    CHECK(seen.entries.at(1).member.mode == 0644);
    CHECK(seen.entries.at(2).member.kind == Kind::symlink);
    CHECK(seen.entries.at(2).member.target == "file");
    CHECK(seen.entries.at(2).text == "file");
    CHECK(seen.entries.at(3).member.kind == Kind::special);
    CHECK(seen.gaps.empty());
    CHECK(seen.anomalies.empty());
    CHECK(seen.rest == "");
  };
  const CpioSpec specs[] = {{.name = "dir", .mode = 0040755},
                            {.name = "file", .body = "hello"},
                            {.name = "link", .body = "file", .mode = 0120777},
                            {.name = "null", .mode = 0020666},
                            {.name = "TRAILER!!!", .mode = 0}};
  std::string newc;
  std::string crc;
  std::string odc;
  std::string little_endian;
  std::string big_endian;
  for (CpioSpec spec : specs) {
    newc += cpio_newc(spec);
    odc += cpio_odc(spec);
    little_endian += cpio_binary(spec, false);
    big_endian += cpio_binary(spec, true);
    std::uint32_t sum = 0;
    for (const char c : spec.body) sum += static_cast<unsigned char>(c);
    spec.sum = sum;
    crc += cpio_newc(spec);
  }
  for (const std::string& bytes : {newc, crc, odc, little_endian, big_endian}) {
    check(bytes);
    check(bytes + std::string(300, '\0'));
  }
}

TEST_CASE("cpio: entries behind the trailer are walked, other bytes are the caller's") {
  const std::string trailer = cpio_newc({.name = "TRAILER!!!", .mode = 0});
  const std::string first =
      cpio_newc({.name = "a", .body = "x"}) + trailer + std::string(400, '\0');
  const Seen seen = walk("cpio", first + cpio_newc({.name = "evil", .body = "MARKER"}) + trailer);
  CHECK(seen.names() == "a evil");
  CHECK(seen.text("evil") == "MARKER");
  CHECK(seen.has_anomaly("behind its trailer"));
  CHECK(walk("cpio", first + gzip("text")).rest == gzip("text"));
  CHECK(walk("cpio", first + gzip("text")).gaps.empty());
}

TEST_CASE("cpio: bodies of directories and links are offered") {
  const Seen seen = walk("cpio", cpio_newc({.name = "d", .body = "MARKER", .mode = 0040755}) +
                                     cpio_newc({.name = "TRAILER!!!", .body = "MARKER2"}) +
                                     cpio_newc({.name = "TRAILER!!!", .mode = 0}));
  CHECK(seen.text("d") == "MARKER");
  CHECK(seen.text("TRAILER!!!") == "MARKER2");
}

TEST_CASE("cpio: wrong sums, junk, long names and cut entries are told") {
  const std::string trailer = cpio_newc({.name = "TRAILER!!!", .mode = 0});
  CHECK(walk("cpio", cpio_newc({.name = "a", .body = "x", .sum = 1}) + trailer)
            .has_anomaly("checksum"));
  const Seen junk = walk("cpio", cpio_newc({.name = "a", .body = "x"}) + "junk 0 junk" +
                                     cpio_newc({.name = "b", .body = "MARKER"}) + trailer);
  CHECK(junk.text("b") == "MARKER");
  CHECK(junk.has_anomaly("between its entries"));
  const Seen cut = walk("cpio", cpio_newc({.name = "a", .body = "0123456789"}).substr(0, 117));
  CHECK(cut.text("a") == "01234");
  CHECK(cut.entries.at(0).fault.value().code == Code::truncated);
  CHECK(cut.has_gap(GapReason::decode_truncated));
  Limits limits;
  limits.name_bytes = 100;
  const Seen name = walk("cpio",
                         cpio_newc({.name = std::string(200, 'n'), .body = "HIDDEN"}) +
                             cpio_newc({.name = "b", .body = "MARKER"}) + trailer,
                         limits);
  CHECK(name.has_gap(GapReason::limit_memory));
  CHECK(name.text("b") == "MARKER");
  CHECK(name.own.find("HIDDEN") != std::string::npos);
  const Seen lost = walk("cpio", cpio_newc({.name = "a", .body = "x"}) + std::string(5000, 'j'));
  CHECK(lost.has_gap(GapReason::decode_corrupt));
  CHECK(lost.rest == "");
}

TEST_CASE("rpm: headers are the package's own bytes, and the payload is one entry") {
  const std::string lead = std::string("\xed\xab\xee\xdb\3\0", 6) + std::string(90, 'l');
  const std::string payload = gzip(cpio_newc({.name = "a", .body = "x"}));
  const std::string bytes =
      lead + padded(rpm_header("signature"), 8) + rpm_header("%post MARKER") + payload;
  CHECK(format_of(bytes) == "rpm");
  const Seen seen = walk("rpm", bytes);
  CHECK(seen.names() == "payload");
  CHECK(seen.text("payload") == payload);
  CHECK(seen.own.find("%post MARKER") != std::string::npos);
  CHECK(seen.anomalies.empty());
  CHECK(walk("rpm", lead + "no header").text("payload") == "no header");
  CHECK(walk("rpm", lead + "no header").has_anomaly("lacks a header"));
  CHECK(walk("rpm", lead + rpm_header("cut", 1000)).has_gap(GapReason::decode_truncated));
}
