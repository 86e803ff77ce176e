#include "support/archives.h"
#include "support/unpacking.h"
#include "unpack/tar_steps.h"

using namespace minescan;
using namespace minescan::test;
using Kind = unpack::Member::Kind;

TEST_CASE("tar: entries come with name, kind, target, mode and body") {
  const std::string bytes = tar({{.name = "dir/", .type = '5'},
                                 {.name = "dir/file", .body = "hello"},
                                 {.name = "link", .type = '2', .target = "dir/file"},
                                 {.name = "hard", .type = '1', .target = "dir/file"},
                                 {.name = "null", .type = '3'},
                                 {.name = "empty"}});
  CHECK(format_of(bytes) == "tar");
  const Seen seen = walk("tar", bytes);
  CHECK(seen.names() == "dir/ dir/file link hard null empty");
  CHECK(seen.text("dir/file") == "hello");
  CHECK(seen.entries.at(0).member.kind == Kind::directory);
  CHECK(seen.entries.at(1).member.kind == Kind::file);
  CHECK(seen.entries.at(1).member.mode == 0755);
  CHECK(seen.entries.at(2).member.kind == Kind::symlink);
  CHECK(seen.entries.at(2).member.target == "dir/file");
  CHECK(seen.entries.at(3).member.kind == Kind::hardlink);
  CHECK(seen.entries.at(3).member.target == "dir/file");
  CHECK(seen.entries.at(4).member.kind == Kind::special);
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
  CHECK(seen.rest == "");
}

TEST_CASE("tar: v7, ustar with a prefix, and GNU are read") {
  const std::string bytes =
      tar({{.name = "v7", .body = "a", .type = '\0', .magic = ""},
           {.name = "v7dir/", .type = '\0', .magic = ""},
           {.name = "name", .body = "b", .prefix = "some/prefix"},
           {.name = "gnu", .body = "c", .magic = std::string("ustar  \0", 8), .prefix = "0123"}});
  CHECK(format_of(bytes) == "tar");
  const Seen seen = walk("tar", bytes);
  CHECK(seen.names() == "v7 v7dir/ some/prefix/name gnu");
  CHECK(seen.entries.at(1).member.kind == Kind::directory);
}

TEST_CASE("tar: a header whose name begins with NUL and has only a prefix is an entry") {
  const std::string bytes =
      tar({{.name = "", .body = "evil", .prefix = "only/prefix"}, {.name = "next", .body = "x"}});
  CHECK(format_of(bytes) == "tar");
  const Seen seen = walk("tar", bytes);
  CHECK(seen.text("only/prefix") == "evil");
  CHECK(seen.text("next") == "x");
}

TEST_CASE("tar: checksums of signed bytes count, as old tars wrote them") {
  const std::string bytes = tar({{.name = "\xff\xfe name", .body = "x", .signed_checksum = true}});
  CHECK(format_of(bytes) == "tar");
  CHECK(walk("tar", bytes).text("\xff\xfe name") == "x");
}

TEST_CASE("tar: entries behind the end marker are walked, and that is odd") {
  const std::string evil = tar_entry({.name = "evil", .body = "MARKER"});
  const Seen seen = walk("tar", tar({{.name = "a", .body = "x"}}) + evil + kTarEnd);
  CHECK(seen.text("evil") == "MARKER");
  CHECK(seen.has_anomaly("behind its end marker"));
  CHECK(seen.gaps.empty());
}

TEST_CASE("tar: other bytes behind the end marker and then entries are all looked at") {
  const std::string junk(1536, 'j');
  const std::string evil = tar_entry({.name = "evil", .body = "MARKER"});
  const Seen seen = walk("tar", tar({{.name = "a", .body = "x"}}) + junk + evil);
  CHECK(seen.text("evil") == "MARKER");
  CHECK(seen.own.find(junk) != std::string::npos);
}

TEST_CASE("tar: zeros at the end are tar's, anything else there is left to the caller") {
  const std::string bytes = tar({{.name = "a", .body = "x"}});
  CHECK(walk("tar", bytes + std::string(10'240, '\0')).rest == "");
  CHECK(walk("tar", bytes + std::string(77, '\0')).rest == "");
  CHECK(walk("tar", bytes + gzip("text")).rest == gzip("text"));
  const std::string junk(3000, 'j');
  CHECK(walk("tar", bytes + junk).rest == junk);
  CHECK(walk("tar", bytes + junk).gaps.empty());
}

TEST_CASE("tar: a lone zero block does not end the archive") {
  const std::string zero(512, '\0');
  const std::string bytes = tar_entry({.name = "a", .body = "x"}) + zero +
                            tar_entry({.name = "evil", .body = "MARKER"}) + kTarEnd;
  const Seen seen = walk("tar", bytes);
  CHECK(seen.text("evil") == "MARKER");
  CHECK(seen.has_anomaly("lone zero block"));
  CHECK(format_of(zero + bytes) == "tar");
  CHECK(walk("tar", zero + bytes).names() == "a evil");
}

TEST_CASE("tar: a missing end marker is nothing odd") {
  const Seen seen = walk("tar", tar_entry({.name = "a", .body = "x"}));
  CHECK(seen.names() == "a");
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
}

TEST_CASE("tar: pax path, linkpath and size replace the header's") {
  const std::string path(3000, 'p');
  const std::string bytes =
      pax_header(pax_record("path", path) + pax_record("size", "5") + pax_record("mtime", "1.5")) +
      tar_entry({.name = "short", .body = "hello"}) +
      pax_header(pax_record("linkpath", "far/away")) +
      tar_entry({.name = "link", .type = '2', .target = "near"}) + kTarEnd;
  CHECK(format_of(bytes) == "tar");
  const Seen seen = walk("tar", bytes);
  CHECK(seen.entries.at(0).member.name == path);
  CHECK(seen.entries.at(0).text == "hello");
  CHECK(seen.entries.at(1).member.name == "link");
  CHECK(seen.entries.at(1).member.target == "far/away");
  CHECK(seen.anomalies.empty());
}

TEST_CASE("tar: a pax size that is larger hides no entry in its body") {
  const std::string inner = tar_entry({.name = "evil", .body = "MARKER"});
  const std::string bytes = pax_header(pax_record("size", std::to_string(inner.size()))) +
                            tar_entry({.name = "a", .size_field = "00000000000"}) + inner +
                            tar_entry({.name = "last", .body = "x"}) + kTarEnd;
  const Seen seen = walk("tar", bytes);
  CHECK(seen.text("a") == inner);  // which the caller recognises as tar
  CHECK(seen.text("last") == "x");
  CHECK(seen.has_anomaly("its extended header one of"));
}

TEST_CASE("tar: a pax size of 0 hides no body from those who go by the header") {
  const std::string body = gzip("MARKER");
  const std::string bytes = pax_header(pax_record("size", "0")) +
                            tar_entry({.name = "a", .body = body}) +
                            tar_entry({.name = "last", .body = "x"}) + kTarEnd;
  const Seen seen = walk("tar", bytes);
  CHECK(seen.text("a") == body);
  CHECK(seen.text("last") == "x");
  CHECK(seen.has_anomaly("its extended header one of"));
}

TEST_CASE("tar: a repeated pax keyword counts as last said, and is odd") {
  const Seen seen =
      walk("tar", pax_header(pax_record("path", "first") + pax_record("path", "second")) +
                      tar_entry({.name = "a", .body = "x"}) + kTarEnd);
  CHECK(seen.names() == "second");
  CHECK(seen.has_anomaly("twice"));
}

TEST_CASE("tar: a global header names the entries behind it, and is odd") {
  const Seen seen = walk("tar", pax_header(pax_record("path", "global"), 'g') +
                                    tar_entry({.name = "a", .body = "x"}) +
                                    pax_header(pax_record("path", "own")) +
                                    tar_entry({.name = "b", .body = "y"}) + kTarEnd);
  CHECK(seen.names() == "global own");
  CHECK(seen.has_anomaly("global header states a path"));
  CHECK(walk("tar", pax_header(pax_record("comment", "0123"), 'g') + tar({{.name = "a"}}))
            .anomalies.empty());
}

TEST_CASE("tar: a broken pax record does not hide the entry") {
  for (const char* records : {"999 path=b\n", "7 path=", "x", "0 a=b\n",
                              "99999999999999999999 a=b\n", "10 nothing\n", "4 a\n"}) {
    CAPTURE(records);
    const Seen seen =
        walk("tar", pax_header(records) + tar_entry({.name = "a", .body = "MARKER"}) + kTarEnd);
    CHECK(seen.text("a") == "MARKER");
    CHECK_FALSE(seen.anomalies.empty());
  }
}

TEST_CASE("tar: GNU long names and link targets are read") {
  const std::string name(5000, 'n');
  const std::string target(700, 't');
  const Seen seen =
      walk("tar", tar_entry({.name = "././@LongLink", .body = name + '\0', .type = 'L'}) +
                      tar_entry({.name = "././@LongLink", .body = target + '\0', .type = 'K'}) +
                      tar_entry({.name = "cut", .type = '2', .target = "cut"}) + kTarEnd);
  CHECK(seen.names() == name);
  CHECK(seen.entries.at(0).member.target == target);
  CHECK(seen.anomalies.empty());
}

TEST_CASE("tar: a long name that claims 2 GiB is a gap, and hides nothing behind it") {
  const Seen seen =
      walk("tar", tar_entry({.name = "././@LongLink", .type = 'L', .size_field = "20000000000"}) +
                      tar_entry({.name = "evil", .body = "MARKER"}) + kTarEnd);
  CHECK(seen.has_gap(GapReason::limit_memory));
  CHECK(seen.text("evil") == "MARKER");
}

TEST_CASE("tar: sizes in base 256 are read") {
  std::string field(12, '\0');
  field[0] = '\x80';
  field[11] = 5;
  const Seen seen = walk("tar", tar({{.name = "a", .body = "hello", .size_field = field}}));
  CHECK(seen.text("a") == "hello");
  CHECK(seen.anomalies.empty());
}

TEST_CASE("tar: a size that is negative, huge or garbage does not hide what follows") {
  const std::string huge = std::string("\x80\0\0\0\x10", 5) + std::string(7, '\0');
  for (const std::string& field :
       {std::string(12, '\xff'), huge, std::string("garbage!garb"), std::string("-0000000005 "),
        std::string("\xbf") + std::string(11, '\xff')}) {
    const Seen seen = walk("tar", tar_entry({.name = "a", .body = "HIDDEN", .size_field = field}) +
                                      tar_entry({.name = "evil", .body = "MARKER"}) + kTarEnd);
    CHECK(seen.own.find("HIDDEN") != std::string::npos);
    CHECK(seen.text("evil") == "MARKER");
    CHECK(seen.has_gap(GapReason::parse_ambiguous));
    CHECK(seen.names() == "a evil");
  }
}

TEST_CASE("tar: a bad checksum in front of a good header is passed over") {
  const std::string bytes = tar_entry({.name = "a", .body = "HIDDEN", .bad_checksum = true}) +
                            tar_entry({.name = "evil", .body = "MARKER"}) + kTarEnd;
  CHECK(format_of(bytes) == "tar");
  const Seen seen = walk("tar", bytes);
  CHECK(seen.names() == "evil");
  CHECK(seen.own.find("HIDDEN") != std::string::npos);
  CHECK(seen.has_anomaly("no header"));
}

TEST_CASE("tar: an entry cut short is offered as far as it goes, and its body has a fault") {
  const std::string bytes = tar_entry({.name = "a", .body = std::string(2000, 'x')});
  const Seen seen = walk("tar", bytes.substr(0, 512 + 700));
  CHECK(seen.text("a") == std::string(700, 'x'));
  REQUIRE(seen.entries.at(0).fault.has_value());
  CHECK(seen.entries.at(0).fault->code == Code::truncated);
}

TEST_CASE("tar: a header cut short is a gap") {
  const Seen seen = walk("tar", tar_entry({.name = "a", .body = "x"}) + std::string(300, 'h'));
  CHECK(seen.has_gap(GapReason::decode_truncated));
  CHECK(walk("tar", tar_entry({.name = "a"}) + pax_header(std::string(3000, 'x')).substr(0, 1000))
            .has_gap(GapReason::decode_truncated));
}

TEST_CASE("tar: bodies of links, directories and unknown types are offered") {
  for (const char type : {'1', '2', '3', '5', '6', 'Z', 'V', 'M', 'N', 'A'}) {
    CAPTURE(type);
    const Seen seen = walk(
        "tar", tar({{.name = "a", .body = "MARKER", .type = type}, {.name = "b", .body = "x"}}));
    CHECK(seen.text("a") == "MARKER");
    CHECK(seen.text("b") == "x");
    CHECK_FALSE(seen.anomalies.empty());
  }
}

TEST_CASE("tar: a hard link that states its file's size without a body takes no entry with it") {
  const Seen seen = walk(
      "tar",
      tar_entry({.name = "file", .body = std::string(3000, 'x')}) +
          tar_entry({.name = "hard", .type = '1', .target = "file", .size_field = "00000005670"}) +
          tar_entry({.name = "next", .body = "MARKER"}) +
          tar_entry({.name = "last", .body = std::string(5000, 'y')}) + kTarEnd);
  CHECK(seen.names() == "file hard next last");
  CHECK(seen.text("next") == "MARKER");
}

TEST_CASE("tar: a directory that states a size does not make the next header its body") {
  const Seen seen =
      walk("tar", tar_entry({.name = "d/", .type = '5', .size_field = "00000000377"}) +
                      tar_entry({.name = "next", .type = '2', .target = "x"}) +
                      tar_entry({.name = "last", .body = "y"}) + kTarEnd);
  CHECK(seen.names() == "d/ next last");
}

TEST_CASE("tar: entries of the same name are all offered") {
  const Seen seen =
      walk("tar", tar({{.name = "a", .body = "MARKER"}, {.name = "a", .body = "ok"}}));
  REQUIRE(seen.entries.size() == 2);
  CHECK(seen.entries.at(0).text == "MARKER");
  CHECK(seen.entries.at(1).text == "ok");
}

TEST_CASE("tar: an old GNU sparse file of 1 TiB is what is stored of it, and costs no more") {
  std::string header = tar_header({.name = "sparse", .body = "stored", .type = 'S'});
  header.replace(483, 12, std::string("\x80\0\0\0\0\0\0\x01\0\0\0\0", 12));
  header[482] = 1;  // two more blocks of the map follow
  header.replace(148, 8, "        ");
  unsigned long sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  header.replace(148, 8, format_text("%06lo", sum) + std::string("\0 ", 2));
  std::string map(512, 'm');
  map[504] = 1;
  std::string last_map(512, 'n');
  last_map[504] = 0;
  const Seen seen = walk("tar", header + map + last_map + padded("stored", 512) +
                                    tar_entry({.name = "next", .body = "x"}) + kTarEnd);
  CHECK(seen.text("sparse") == "stored");
  CHECK(seen.text("next") == "x");
  CHECK(seen.own.find(map) != std::string::npos);
}

TEST_CASE("tar: of a pax sparse file the map is the archive's own and the rest its body") {
  const std::string map = padded("2\n0\n6\n1099511627776\n6\n", 512);
  const std::string body = map + "firstTsecond";
  const std::string bytes =
      pax_header(pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0") +
                 pax_record("GNU.sparse.name", "real/name") +
                 pax_record("GNU.sparse.realsize", "1099511627788")) +
      tar_entry({.name = "GNUSparseFile.0/name", .body = body}) +
      tar_entry({.name = "next", .body = "x"}) + kTarEnd;
  const Seen seen = walk("tar", bytes);
  CHECK(seen.text("real/name") == "firstTsecond");
  CHECK(seen.text("next") == "x");
  CHECK(seen.own.find("1099511627776\n") != std::string::npos);
  CHECK(seen.anomalies.empty());
}

TEST_CASE("tar: a sparse map of a thousand million regions is no reason to stop") {
  for (const char* map : {"1000000000\n0\n1\n", "x", "3\n0\n1\n", "99999999999999999999999\n"}) {
    CAPTURE(map);
    const std::string body = padded(map, 512) + "MARKER";
    const Seen seen = walk("tar", pax_header(pax_record("GNU.sparse.major", "1")) +
                                      tar_entry({.name = "a", .body = body}) + kTarEnd);
    CHECK(seen.text("a") == body);
    CHECK(seen.has_anomaly("map"));
  }
}

TEST_CASE("tar: names are given as they are, of any length and with any bytes") {
  std::string deep;
  for (int i = 0; i < 4000; ++i) deep += "d/";
  for (const std::string& name : {deep, std::string((1 << 20) - 1, 'n'),
                                  std::string("../../etc/passwd"), std::string("/etc/\x1b[2J\n")}) {
    const Seen seen = walk("tar", tar_entry({.name = "L", .body = name, .type = 'L'}) +
                                      tar_entry({.name = "a", .body = "x"}) + kTarEnd);
    CHECK(bool{seen.names() == name});
    CHECK(seen.gaps.empty());
  }
}

TEST_CASE("tar: more entries than the limit are a gap that has all the bytes of the rest") {
  Limits limits;
  limits.entries = 3;
  std::string bytes;
  for (int i = 0; i < 20; ++i) {
    bytes +=
        tar_entry({.name = std::string("f") + std::to_string(i), .body = std::string(600, 'x')});
  }
  const Seen seen = walk("tar", bytes, limits);
  CHECK(seen.entries.size() == 3);
  REQUIRE(seen.gaps.size() == 1);
  CHECK(seen.gaps.at(0).reason == GapReason::limit_entries);
  // The header of the fourth was read before it was known to be one too many.
  CHECK(seen.gaps.at(0).bytes == bytes.size() - 4 * 512 - 3 * 1024);
}

TEST_CASE("tar: 20,000 entries are walked") {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes += tar_entry({.name = std::to_string(i), .body = "x"});
  MemorySource source(as_bytes(bytes));
  CollectingSink sink(source, bytes);
  unpack::format_by_name("tar")->walk(source, {}, sink);
  sink.finish();
  CHECK(sink.broken == "");
  CHECK(sink.entries.size() == 20'000);
}

TEST_CASE("tar: a sink that stops early gets no more, one that reads less gets the next entry") {
  const std::string bytes =
      tar({{.name = "a", .body = std::string(3000, 'x')}, {.name = "b", .body = "y"}});
  CHECK(walk("tar", bytes, {}, 10).names() == "a b");
  MemorySource source(as_bytes(bytes));
  CollectingSink sink(source, bytes);
  sink.stop_after = 1;
  unpack::format_by_name("tar")->walk(source, {}, sink);
  CHECK(sink.entries.size() == 1);
}

TEST_CASE("tar: a flood of oddities is cut, and says so") {
  std::string bytes;
  for (int i = 0; i < 500; ++i) bytes += tar_entry({.name = "a", .type = 'Z'});
  const Seen seen = walk("tar", bytes);
  CHECK(seen.anomalies.size() == 101);
  CHECK(seen.has_anomaly("more oddities"));
}

TEST_CASE("tar: a file that lacks its zeros says so") {
  const auto seen = [](const std::string& extended, const TarSpec& spec) {
    return walk("tar", extended + tar({spec})).entries.at(0).member.sparse;
  };
  CHECK_FALSE(seen("", {.name = "a", .body = "abc"}));
  CHECK_FALSE(seen(pax_header(pax_record("GNU", "1")), {.name = "a", .body = "abc"}));
  CHECK(seen("", {.name = "a", .body = "abc", .type = 'S'}));
  CHECK(seen(pax_header(pax_record("GNU.sparse.map", "0,3")), {.name = "a", .body = "abc"}));
  CHECK(seen(pax_header(pax_record("GNU.sparse.major", "1")),
             {.name = "a", .body = padded("1\n0\n3\n", 512) + "abc"}));
}

TEST_CASE("tar: a walk that goes on elsewhere after each entry sees the same") {
  std::string bytes = pax_header(pax_record("path", "all") + pax_record("linkpath", "to"), 'g') +
                      tar_entry({.name = "a", .body = "abc"}) + std::string(512, '\0') +
                      pax_header(pax_record("path", "b")) + std::string(512, 'j') +
                      tar_entry({.name = "x", .body = "de"}) +
                      tar_entry({.name = "l", .type = '2', .target = "x"}) + kTarEnd +
                      tar_entry({.name = "behind", .body = "f"});
  // More than are listed.
  for (int i = 0; i < 150; ++i) bytes += tar_entry({.name = "odd", .type = 'Q'});
  bytes += kTarEnd + pax_header(pax_record("path", "of nothing"));
  const Seen whole = walk("tar", bytes);
  REQUIRE(whole.names().starts_with("all b all all all"));
  REQUIRE(whole.entries.at(2).member.target == "to");
  REQUIRE(whole.anomalies.size() == 101);

  MemorySource source(as_bytes(bytes));
  CollectingSink sink(source, bytes);
  unpack::TarPlace place;
  std::size_t steps = 1;
  while (true) {
    const std::size_t before = sink.entries.size();
    unpack::TarPlace here = place;
    if (!unpack::step_tar(source, {}, sink, here)) break;
    CHECK(sink.entries.size() - before <= 1);
    place = here;
    ++steps;
  }
  sink.finish();
  CHECK(sink.broken == "");
  CHECK(steps > whole.entries.size());
  CHECK(sink.anomalies == whole.anomalies);
  REQUIRE(sink.entries.size() == whole.entries.size());
  for (std::size_t i = 0; i < whole.entries.size(); ++i) {
    CHECK(sink.entries[i].summary() == whole.entries[i].summary());
  }
}
