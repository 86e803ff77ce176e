#include "support/archives.h"
#include "support/unpacking.h"
#include "unpack/embedded.h"

using namespace minescan;
using namespace minescan::test;
using Kind = unpack::Member::Kind;

namespace {

const std::string kLong = numbers(50'000);

std::string zip64_extra(std::uint64_t size, std::uint64_t packed) {
  return little(std::uint16_t{1}) + little(std::uint16_t{16}) + little(size) + little(packed);
}

// What a lzma entry holds: version, size of the properties, properties, the stream.
std::string zip_lzma(std::string_view text) {
  const std::string alone = lzma_alone(text);
  return std::string("\x09\x14\x05\0", 4) + alone.substr(0, 5) + alone.substr(13);
}

}  // namespace

TEST_CASE("zip: entries of every method come decoded") {
  const std::string bytes =
      zip({{.name = "dir/"},
           {.name = "stored", .body = "hello"},
           {.name = "deflated", .body = kLong, .method = 8},
           {.name = "bzip2", .body = kLong, .method = 12, .packed = bzip2(kLong)},
           {.name = "lzma", .body = kLong, .method = 14, .packed = zip_lzma(kLong), .flags = 2},
           {.name = "zstd", .body = kLong, .method = 93, .packed = zstd(kLong)},
           {.name = "xz", .body = kLong, .method = 95, .packed = xz(kLong)},
           {.name = "last", .body = "x"}});
  CHECK(format_of(bytes) == "zip");
  const Seen seen = walk("zip", bytes);
  CHECK(seen.names() == "dir/ stored deflated bzip2 lzma zstd xz last");
  CHECK(seen.entries.at(0).member.kind == Kind::directory);
  CHECK(seen.entries.at(1).text == "hello");
  CHECK(seen.entries.at(1).member.decoder == "");
  for (std::size_t i = 2; i < 7; ++i) {
    CAPTURE(i);
    CHECK(bool{seen.entries.at(i).text == kLong});
    CHECK_FALSE(seen.entries.at(i).fault.has_value());
  }
  CHECK(seen.entries.at(2).member.decoder == "deflate");
  CHECK(seen.entries.at(4).member.decoder == "lzma");
  CHECK(seen.text("last") == "x");
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
  CHECK(seen.rest == "");
}

TEST_CASE("zip: an archive without entries is one") {
  const std::string bytes = zip({});
  CHECK(format_of(bytes) == "zip");
  const Seen seen = walk("zip", bytes);
  CHECK(seen.entries.empty());
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
}

TEST_CASE("zip: sizes behind the body are found, in each of the forms that writers use") {
  for (const bool wide : {false, true}) {
    for (const bool signature : {false, true}) {
      for (const bool keeps : {false, true}) {
        CAPTURE(wide);
        CAPTURE(signature);
        CAPTURE(keeps);
        const auto entry = [&](ZipSpec spec) {
          spec.descriptor = true;
          spec.descriptor_wide = wide;
          spec.descriptor_signature = signature;
          spec.descriptor_keeps_sizes = keeps;
          return spec;
        };
        const Seen seen = walk(
            "zip", zip({entry({.name = "deflated", .body = kLong, .method = 8}),
                        entry({.name = "zstd", .body = kLong, .method = 93, .packed = zstd(kLong)}),
                        entry({.name = "stored", .body = kLong}),
                        entry({.name = "empty"}),
                        {.name = "last", .body = "x"}}));
        CHECK(seen.names() == "deflated zstd stored empty last");
        CHECK(bool{seen.text("deflated") == kLong});
        CHECK(bool{seen.text("zstd") == kLong});
        CHECK(bool{seen.text("stored") == kLong});
        CHECK(seen.gaps.empty());
        CHECK(seen.anomalies == std::vector<std::string>{});
      }
    }
  }
}

TEST_CASE("zip: a stored zip inside a stored body of unknown size does not end it") {
  const std::string inner = zip({{.name = "in", .body = "hello", .descriptor = true},
                                 {.name = "in2", .body = "hello", .descriptor = true}});
  const Seen seen = walk("zip", zip({{.name = "inner.zip", .body = inner, .descriptor = true},
                                     {.name = "last", .body = "x"}}));
  CHECK(seen.names() == "inner.zip last");
  CHECK(bool{seen.text("inner.zip") == inner});
  CHECK(seen.anomalies.empty());
}

TEST_CASE("zip: zip64 sizes are read") {
  const Seen seen = walk("zip", zip({{.name = "a",
                                      .body = "hello",
                                      .packed_size = 0xffffffff,
                                      .size = 0xffffffff,
                                      .extra = zip64_extra(5, 5)},
                                     {.name = "b", .body = "x"}}));
  CHECK(seen.text("a") == "hello");
  CHECK(seen.text("b") == "x");
}

TEST_CASE("zip: archives behind each other are all walked") {
  const std::string evil = zip({{.name = "evil", .body = "MARKER"}});
  const std::string good = zip({{.name = "good", .body = "x"}});
  for (const std::string& bytes : {evil + good, good + evil, good + "junk" + evil,
                                   zip({{.name = "good", .body = "x"}}, evil)}) {
    const Seen seen = walk("zip", bytes);
    CHECK(seen.text("evil") == "MARKER");
    CHECK(seen.text("good") == "x");
    CHECK(seen.rest == "");
    CHECK(seen.has_anomaly("behind its end record"));
    CHECK_FALSE(seen.has_gap(GapReason::parse_ambiguous));
  }
}

TEST_CASE("zip: a comment is zip's, what follows it is left to the caller") {
  const std::string comment(0xffff, 'c');
  const std::string bytes = zip({{.name = "a", .body = "x"}}, comment);
  CHECK(walk("zip", bytes).rest == "");
  CHECK(walk("zip", bytes).own.find(comment) != std::string::npos);
  CHECK(walk("zip", bytes + "tail").rest == "tail");
}

TEST_CASE("zip: an entry that the directory does not list is walked, and is odd") {
  const Seen seen =
      walk("zip",
           zip({{.name = "a", .body = "x"}, {.name = "evil", .body = "MARKER", .listed = false}}));
  CHECK(seen.text("evil") == "MARKER");
  CHECK(seen.has_anomaly("does not list"));
}

TEST_CASE("zip: where directory and headers differ, that is odd") {
  const auto odd = [](const ZipSpec& spec, const char* what) {
    const Seen seen = walk("zip", zip({spec, {.name = "b", .body = "y"}}));
    CHECK(seen.text("evil") == "MARKER");
    CHECK(seen.text("b") == "y");
    CHECK(seen.has_anomaly(what));
  };
  odd({.name = "evil", .body = "MARKER", .central_name = "good"}, "another name");
  odd({.name = "evil", .body = "MARKER", .central_method = 8}, "different methods");
  odd({.name = "evil", .body = "MARKER", .central_size = 77}, "other sizes");
  odd({.name = "evil", .body = "MARKER", .crc = 77}, "checksum");
  odd({.name = "evil", .body = "MARKER", .size = 77}, "other sizes");
}

TEST_CASE("zip: a directory entry whose place was read as something else is a gap") {
  const Seen seen = walk("zip", zip({{.name = "a", .body = "xxxxxxxxxx", .central_offset = 5}}));
  CHECK(seen.has_gap(GapReason::parse_ambiguous));
  CHECK(seen.has_anomaly("no local header"));
  CHECK(seen.text("a") == "xxxxxxxxxx");
}

TEST_CASE("zip: 3,000 directory entries on one body are read once") {
  const ZipSpec entry{.name = "a", .body = "MARKER"};
  const std::string local = zip_local(entry);
  std::string central;
  for (int i = 0; i < 3000; ++i) {
    central += zip_central({.name = std::to_string(i), .body = "MARKER"}, 0);
  }
  const Seen seen = walk("zip", local + central + zip_end(3000, central.size(), local.size()));
  CHECK(seen.entries.size() == 1);
  CHECK(seen.has_anomaly("several names"));
}

TEST_CASE("zip: quoted headers that overlap are read once, and the others are gaps") {
  // Each entry's deflate data begins with a stored block that quotes the next entry's header.
  const std::string kernel = raw_deflate("MARKER");
  std::string data = zip_local({.name = "0", .body = "MARKER", .method = 8, .packed = kernel});
  for (int i = 1; i < 250; ++i) {
    const std::size_t header = data.size() - kernel.size();
    static_cast<void>(header);
    const std::string quoted = data.substr(0, 31);
    std::string block(1, '\0');
    block += little(static_cast<std::uint16_t>(quoted.size())) +
             little(static_cast<std::uint16_t>(~quoted.size())) + quoted;
    data = zip_local({.name = "n", .body = "?", .method = 8, .packed = block + data.substr(31)});
  }
  const std::string central = zip_central({.name = "n", .body = "?", .central_offset = 36}, 0);
  const Seen seen = walk("zip", data + central + zip_end(1, central.size(), data.size()));
  CHECK(seen.entries.size() <= 2);
  CHECK(seen.entries.at(0).text.ends_with("MARKER"));
  CHECK(seen.has_gap(GapReason::parse_ambiguous));
}

TEST_CASE("zip: names are given as they are, and twice when they are there twice") {
  const std::string nul("\0evil", 5);
  const Seen seen = walk("zip", zip({{.name = nul, .body = "a"},
                                     {.name = "../../slip", .body = "b"},
                                     {.name = "twice", .body = "c"},
                                     {.name = "twice", .body = "MARKER"}}));
  REQUIRE(seen.entries.size() == 4);
  CHECK(seen.entries.at(0).member.name == nul);
  CHECK(seen.entries.at(1).member.name == "../../slip");
  CHECK(seen.entries.at(3).text == "MARKER");
}

TEST_CASE("zip: bytes between records are looked at") {
  const std::string a = zip_local({.name = "a", .body = "x"});
  const std::string b = zip_local({.name = "b", .body = "y"});
  const std::string junk = "PNOT a record, PK neither PK\1 " + std::string(5000, 'j');
  const Seen seen = walk("zip", a + junk + b);
  // The junk could be the rest of the first body.
  CHECK(seen.names() == "a a b");
  CHECK(seen.own.find(junk) != std::string::npos);
  CHECK(seen.has_anomaly("between its records"));
}

TEST_CASE("zip: a body that goes on behind its stated end is seen both ways") {
  std::string a = zip_local({.name = "a", .body = "MARKER of some length"});
  a[18] = a[22] = 3;  // both sizes
  const Seen seen = walk("zip", a + zip_local({.name = "b", .body = "y"}));
  CHECK(seen.names() == "a a b");
  CHECK(seen.entries.at(0).text == "MARKER of some length");
  CHECK(seen.entries.at(1).text == "MAR");
  CHECK(seen.has_anomaly("goes on behind the end"));
}

TEST_CASE("zip: a directory in the comment is odd") {
  const std::string a = zip_local({.name = "a", .body = "x"});
  const std::string central = zip_central({.name = "a", .body = "x"}, 0);
  std::string end = zip_end(1, central.size(), a.size());
  const std::string fake = central + end;
  end[20] = static_cast<char>(fake.size());
  CHECK(walk("zip", a + central + end + fake).has_anomaly("records in its comment"));
}

TEST_CASE("zip: a local header inside other bytes is found when a writer would have made it") {
  const std::string good = "....." + zip_local({.name = "a", .body = "x"});
  CHECK(unpack::find_embedded(as_bytes(good), 0) == 5);
  for (const std::size_t at : {4u, 9u, 30u}) {  // version, flags, name
    std::string bad = good;
    bad[5 + at] = at == 30 ? '\1' : '\x7f';
    CHECK(!unpack::find_embedded(as_bytes(bad), 0));
  }
}

TEST_CASE("zip: counts and zip64 records that lie are odd, and nothing is lost") {
  const std::string a = zip_local({.name = "a", .body = "MARKER"});
  const std::string central = zip_central({.name = "a", .body = "MARKER"}, 0);
  const Seen count = walk("zip", a + central + zip_end(7, central.size(), a.size()));
  CHECK(count.text("a") == "MARKER");
  CHECK(count.has_anomaly("counts 7"));

  const std::string end64 =
      "PK\6\6" + little(std::uint64_t{44}) + little(std::uint16_t{45}) + little(std::uint16_t{45}) +
      little(std::uint32_t{0}) + little(std::uint32_t{0}) + little(std::uint64_t{1}) +
      little(std::uint64_t{1}) + little(std::uint64_t{central.size()}) + little(std::uint64_t{7});
  const std::string locator = "PK\6\7" + little(std::uint32_t{0}) +
                              little(std::uint64_t{a.size() + central.size()}) +
                              little(std::uint32_t{1});
  const Seen elsewhere =
      walk("zip", a + central + end64 + locator + zip_end(1, central.size(), a.size()));
  CHECK(elsewhere.text("a") == "MARKER");
  CHECK(elsewhere.has_anomaly("different directories"));
  CHECK(elsewhere.gaps.empty());
}

TEST_CASE("zip: entries that nobody can read are gaps of their size, and their names are known") {
  for (const bool descriptor : {false, true}) {
    CAPTURE(descriptor);
    const Seen seen = walk("zip", zip({{.name = "locked",
                                        .body = "0123456789",
                                        .packed = std::string(22, 'e'),
                                        .flags = 1,
                                        .descriptor = descriptor},
                                       {.name = "aes",
                                        .body = "0123456789",
                                        .method = 99,
                                        .packed = std::string(30, 'e'),
                                        .flags = 1,
                                        .descriptor = descriptor},
                                       {.name = "deflate64",
                                        .body = "0123456789",
                                        .method = 9,
                                        .packed = std::string(9, 'd'),
                                        .descriptor = descriptor},
                                       {.name = "last", .body = "x"}}));
    CHECK(seen.names() == "locked aes deflate64 last");
    REQUIRE(seen.gaps.size() == 3);
    CHECK(seen.gaps.at(0).reason == GapReason::decode_encrypted);
    CHECK(seen.gaps.at(0).bytes == 22);
    CHECK(seen.gaps.at(1).reason == GapReason::decode_encrypted);
    CHECK(seen.gaps.at(1).bytes == 30);
    CHECK(seen.gaps.at(2).reason == GapReason::decode_unsupported);
    CHECK(seen.gaps.at(2).bytes == 9);
    CHECK(seen.text("last") == "x");
    CHECK(seen.anomalies.empty());
  }
}

TEST_CASE("zip: an archive without its directory is walked, and may lack something") {
  const std::string a = zip_local({.name = "a", .body = "MARKER"});
  const Seen seen = walk("zip", a + zip_local({.name = "b", .body = "y"}));
  CHECK(seen.text("a") == "MARKER");
  CHECK(seen.has_gap(GapReason::decode_truncated));
  const Seen cut = walk("zip", a + zip_local({.name = "b", .body = "0123456789"}).substr(0, 36));
  CHECK(cut.text("b") == "01234");
  CHECK(cut.entries.at(1).fault.value().code == Code::truncated);
  CHECK(walk("zip", a.substr(0, 20)).has_gap(GapReason::decode_truncated));
}

TEST_CASE("zip: archives of a set are read as far as they are there") {
  std::string bytes = zip({{.name = "a", .body = "MARKER"}});
  bytes[bytes.size() - 18] = 3;
  const Seen seen = walk("zip", bytes);
  CHECK(seen.text("a") == "MARKER");
  CHECK(seen.has_anomaly("one file of a set"));
  CHECK(format_of("PK00" + zip({{.name = "a", .body = "x"}})) == "zip");
  CHECK(walk("zip", "PK00" + zip({{.name = "a", .body = "x"}})).text("a") == "x");
}

TEST_CASE("zip: what is said to be stored but is deflated is seen both ways") {
  const std::string packed = raw_deflate(kLong);
  ZipSpec spec{.name = "evil", .body = kLong, .packed = packed};
  SUBCASE("with the sizes of the truth") {}
  SUBCASE("with sizes that go with stored") {
    spec.size = static_cast<std::uint32_t>(packed.size());
  }
  const Seen seen = walk("zip", zip({spec, {.name = "last", .body = "x"}}));
  CHECK(bool{seen.text("evil") == kLong});
  CHECK(seen.own.find(packed) != std::string::npos);
  CHECK(seen.has_anomaly("is deflated"));
  CHECK(seen.text("last") == "x");
}

TEST_CASE("zip: what is said to be deflated but is not is read as it is") {
  for (const std::string& body : {std::string("#!/bin/sh\necho MARKER\n"),
                                  "\x07 MARKER " + numbers(20'000), std::string("MARKER")}) {
    const Seen seen = walk("zip", zip({{.name = "evil", .body = body, .method = 8, .packed = body},
                                       {.name = "last", .body = "x"}}));
    REQUIRE(seen.entries.size() == 3);
    CHECK(seen.entries.at(0).fault.has_value());
    CHECK(bool{seen.entries.at(1).text == body});
    CHECK(seen.entries.at(1).member.decoder == "");
    CHECK(seen.text("last") == "x");
  }
}

TEST_CASE("zip: bytes hidden behind an entry's packed data are looked at") {
  const Seen seen = walk(
      "zip", zip({{.name = "a", .body = "x", .method = 8, .packed = raw_deflate("x") + "MARKER"}}));
  CHECK(seen.text("a") == "x");
  CHECK(seen.own.find("MARKER") != std::string::npos);
  CHECK(seen.has_anomaly("behind its packed data"));
}

TEST_CASE("zip: a size of 0 that is a lie does not hide packed data") {
  const Seen seen = walk("zip", zip({{.name = "a", .body = kLong, .method = 8, .packed_size = 0},
                                     {.name = "last", .body = "x"}}));
  CHECK(bool{seen.text("a") == kLong});
  CHECK(seen.text("last") == "x");
  CHECK_FALSE(seen.anomalies.empty());
}

TEST_CASE("zip: a sink that reads less of packed data gets the next entry") {
  for (const bool descriptor : {false, true}) {
    const Seen seen = walk("zip",
                           zip({{.name = "a", .body = kLong, .method = 8, .descriptor = descriptor},
                                {.name = "b", .body = kLong, .descriptor = descriptor},
                                {.name = "last", .body = "x"}}),
                           {}, 10);
    CHECK(seen.names() == "a b last");
  }
}

TEST_CASE("zip: more entries than the limit are a gap") {
  Limits limits;
  limits.entries = 2;
  const Seen seen = walk(
      "zip",
      zip({{.name = "a", .body = "x"}, {.name = "b", .body = "x"}, {.name = "c", .body = "x"}}),
      limits);
  CHECK(seen.names() == "a b");
  CHECK(seen.has_gap(GapReason::limit_entries));
  CHECK(seen.rest == "");
}

TEST_CASE("zip: offsets may count from another place than the archive's begin") {
  const std::string a = zip_local({.name = "a", .body = "x"});
  const std::string central = zip_central({.name = "a", .body = "x"}, 100);
  const std::string bytes = a + central + zip_end(1, central.size(), a.size() + 100);
  const std::string with_stub = std::string(100, 's') + bytes;
  MemorySource source(as_bytes(with_stub));
  skip_bytes(source, 100);
  CollectingSink sink(source, bytes);
  unpack::format_by_name("zip")->walk(source, {}, sink);
  sink.finish();
  CHECK(sink.broken == "");
  CHECK(sink.anomalies.empty());
  CHECK(sink.gaps.empty());
  CHECK(sink.entries.size() == 1);
}
