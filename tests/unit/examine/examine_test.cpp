#include "examine/examine.h"
#include "examine/recorder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/digest.h"
#include "support/archives.h"
#include "support/compressors.h"
#include "support/elf_file.h"
#include "support/encodings.h"
#include "support/gpu_archives.h"
#include "support/signatures.h"
#include "support/squashfs_file.h"
#include "support/stingy_source.h"
#include "support/wrapped.h"

using namespace minescan;
using namespace minescan::examine;

namespace {

const std::string kMarker = "MINESCAN-TEST-MARKER";

Record record_of(Source& source, Unit::Kind kind = Unit::Kind::file, const Limits& limits = {}) {
  const auto matcher = match::Matcher::create(test::small_signatures());
  REQUIRE(matcher.has_value());
  const Unit unit{.kind = kind, .name = "unit"};
  Record record = examine::examine(unit, source, **matcher, limits);
  CHECK(record.ledger.scanned + record.ledger.decoded + record.ledger.gap == record.ledger.bytes);
  for (const Gap& gap : record.gaps) CHECK(gap.reason != GapReason::internal_error);
  return record;
}

Record record_of(const std::string& bytes, Unit::Kind kind = Unit::Kind::file,
                 const Limits& limits = {}) {
  MemorySource source(as_bytes(bytes));
  return record_of(source, kind, limits);
}

std::size_t markers(const Record& record) {
  return static_cast<std::size_t>(
      std::count_if(record.evidence.begin(), record.evidence.end(),
                    [](const Evidence& e) { return e.indicator == "marker"; }));
}

std::string gaps(const Record& record) {
  std::string names;
  for (const Gap& gap : record.gaps) names += std::string(gap_name(gap.reason)) + " ";
  return names;
}

}  // namespace

TEST_CASE("examine: nothing is nothing, and complete") {
  const Record record = record_of("");
  CHECK(record.ledger.bytes == 0);
  CHECK(record.gaps.empty());
  CHECK(record.ledger.files == 1);
}

TEST_CASE("examine: a plain file is matched, with line, column and excerpt") {
  const Record record = record_of("first\nsecond " + kMarker + " end\nthird\n");
  REQUIRE(record.evidence.size() == 1);
  const Evidence& evidence = record.evidence[0];
  CHECK(evidence.trail.text() == "unit");
  CHECK(evidence.line == 2);
  CHECK(evidence.column == 8);
  CHECK(evidence.offset == 13);
  CHECK(evidence.excerpt == "second MINESCAN-TEST-MARKER end");
}

TEST_CASE("examine: a member of a compressed archive has a trail, the names are paths") {
  const std::string bytes = test::gzip(
      test::tar({{.name = "./etc/", .type = '5'}, {.name = "./usr/bin/xmrig", .body = kMarker}}));
  const Record record = record_of(bytes, Unit::Kind::layer);
  REQUIRE(record.evidence.size() == 2);
  CHECK(record.evidence[0].trail.text() == "unit › gzip › usr/bin/xmrig");
  CHECK(record.evidence[0].indicator == "marker");
  CHECK(record.evidence[1].indicator == "file-name");
  CHECK(record.evidence[1].view == ViewKind::path);
  REQUIRE(record.paths.size() == 2);
  CHECK(record.paths[0].path == "etc");
  CHECK(record.paths[0].kind == PathEntry::Kind::directory);
  CHECK(record.paths[1].path == "usr/bin/xmrig");
  CHECK(record.content_digest ==
        sha256(as_bytes(test::tar(
            {{.name = "./etc/", .type = '5'}, {.name = "./usr/bin/xmrig", .body = kMarker}}))));
  CHECK(record.gaps.empty());
}

TEST_CASE("examine: only a layer's outermost archive gives paths") {
  const std::string inner = test::tar({{.name = "inner", .body = "x"}});
  const std::string outer = test::tar({{.name = "a.tar", .body = inner}});
  CHECK(record_of(outer, Unit::Kind::layer).paths.size() == 1);
  CHECK(record_of(outer).paths.empty());
}

TEST_CASE("examine: containers nest to the limit, and beyond it is a gap") {
  std::string bytes = kMarker;
  for (int i = 0; i < 20; ++i) bytes = test::gzip(bytes);
  CHECK(markers(record_of(bytes)) == 1);
  for (int i = 0; i < 20; ++i) bytes = test::gzip(bytes);
  const Record record = record_of(bytes);
  CHECK(markers(record) == 0);
  CHECK(gaps(record) == "limit.depth ");
}

TEST_CASE("examine: what follows an encoding in the same stream is looked at too") {
  const std::string member = test::gzip(kMarker);
  CHECK(markers(record_of(member + member)) == 2);
  CHECK(markers(record_of(member + "junk " + kMarker)) == 2);
  CHECK(markers(record_of(member + test::tar({{.name = "a", .body = kMarker}}))) == 2);
}

TEST_CASE("examine: a stream cut short is matched as far as it goes, and the rest is a gap") {
  std::string big;
  for (int i = 0; i < 40'000; ++i) big += std::to_string(i * 7919) + " ";
  const std::string whole = test::gzip(kMarker + big);
  const Record record = record_of(whole.substr(0, whole.size() / 2));
  CHECK(markers(record) == 1);
  CHECK(gaps(record) == "decode.truncated ");
}

TEST_CASE("examine: a format that is only known is a gap, and its raw bytes are matched") {
  const Record record = record_of(std::string("7z\xbc\xaf\x27\x1c\0\4", 8) + kMarker);
  CHECK(markers(record) == 1);
  CHECK(gaps(record) == "decode.unsupported ");
}

TEST_CASE("examine: markers astride every seam of windows are found exactly once") {
  std::string text;
  std::size_t planted = 0;
  while (text.size() < 3'000'000) {
    text += std::string(4'001 + planted % 13, 'x') + kMarker;
    ++planted;
  }
  Limits limits;
  limits.hits_kept = 1'000'000;
  CHECK(markers(record_of(text, Unit::Kind::file, limits)) == planted);
  CHECK(markers(record_of(test::gzip(text), Unit::Kind::file, limits)) == planted);
  CHECK(markers(record_of(test::gzip(test::gzip(text)), Unit::Kind::file, limits)) == planted);
}

TEST_CASE("examine: however the bytes arrive, the record is the same") {
  const std::string bytes = test::gzip(test::tar(
      {{.name = "a", .body = std::string(70'000, 'q') + kMarker + " stratum+tcp://p.example:3333"},
       {.name = "b.gz", .body = test::gzip("z" + kMarker)},
       {.name = "c.zip", .body = test::zip({{.name = "d", .body = kMarker, .method = 8}})}}));
  const Record whole = record_of(bytes, Unit::Kind::layer);
  CHECK(markers(whole) == 3);
  test::StingySource source(bytes);
  const Record pieces = record_of(source, Unit::Kind::layer);
  CHECK(pieces.evidence == whole.evidence);
  CHECK(pieces.gaps == whole.gaps);
  CHECK(pieces.ledger == whole.ledger);
  CHECK(pieces.paths == whole.paths);
}

TEST_CASE("examine: wide text is matched") {
  std::string wide = "\xff\xfe";
  for (const char c : "echo " + kMarker + " more text") {
    wide += c;
    wide += '\0';
  }
  const Record record = record_of(wide);
  REQUIRE(markers(record) == 1);
  CHECK(record.evidence[0].trail.text() == "unit › utf-16le");
}

TEST_CASE("examine: a flood of hits is cut, and the true count is told") {
  std::string text;
  for (int i = 0; i < 15'000; ++i) text += kMarker + "\n";
  const Record record = record_of(text);
  CHECK(markers(record) == 100);
  std::uint64_t count = 0;
  for (const Evidence& evidence : record.evidence) count += evidence.count;
  CHECK(count == 15'000);
}

TEST_CASE("examine: a leaf beyond its limit is matched up to it, and the rest is a gap") {
  Limits limits;
  limits.leaf_bytes = 300'000;
  const std::string body = kMarker + std::string(400'000, 'x') + kMarker;
  const Record record =
      record_of(test::tar({{.name = "big", .body = body}, {.name = "next", .body = kMarker}}),
                Unit::Kind::file, limits);
  CHECK(gaps(record).find("limit.bytes") != std::string::npos);
  // The next member is still read.
  CHECK(markers(record) == 2);
}

TEST_CASE("examine: what a limit leaves unread of a unit is in a gap's bytes, in archives too") {
  Limits limits;
  limits.leaf_bytes = 300'000;
  const auto matcher = match::Matcher::create(test::small_signatures());
  REQUIRE(matcher.has_value());
  const std::string body(1'000'000, 'x');
  for (const std::string& bytes : {body, test::tar({{.name = "big", .body = body}})}) {
    CAPTURE(bytes.size());
    MemorySource source(as_bytes(bytes));
    const Unit unit{.kind = Unit::Kind::file, .name = "unit", .size = bytes.size()};
    const Record record = examine::examine(unit, source, **matcher, limits);
    std::uint64_t unseen = 0;
    for (const Gap& gap : record.gaps) unseen += gap.bytes;
    CHECK(record.ledger.scanned + unseen == bytes.size());
  }
}

TEST_CASE("examine: a bomb ends at the limit") {
  Limits limits;
  limits.leaf_bytes = 5'000'000;
  const Record record =
      record_of(test::gzip(std::string(50'000'000, '\0')), Unit::Kind::file, limits);
  CHECK(gaps(record).find("limit.bytes") != std::string::npos);
  CHECK(record.ledger.scanned <= 5'000'000 + 2'000'000);
}

TEST_CASE("examine: a bomb of bzip2 ends at the limit, inside of gzip too") {
  Limits limits;
  limits.leaf_bytes = 2'000'000;
  const std::string stream = test::bzip2(std::string(4'000'000, '\0'));
  std::string bomb;
  for (int i = 0; i < 2000; ++i) bomb += stream;
  for (const std::string& bytes : {bomb, test::gzip(bomb)}) {
    const Record record = record_of(bytes, Unit::Kind::file, limits);
    CHECK(gaps(record) == "limit.bytes limit.bytes ");
    CHECK(record.ledger.scanned <= 4'000'000);
  }
}

TEST_CASE("examine: a bomb of zips in zips ends at the unit's limit") {
  Limits limits;
  limits.unit_bytes = 20'000'000;
  std::string bytes(1'000'000, '\0');
  for (int level = 0; level < 4; ++level) {
    std::vector<test::ZipSpec> entries(16);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i] = {.name = std::to_string(i) + ".zip", .body = bytes, .method = 8};
    }
    bytes = test::zip(entries);
  }
  const Record record = record_of(bytes, Unit::Kind::file, limits);
  CHECK(gaps(record).find("limit.bytes") != std::string::npos);
  CHECK(record.ledger.scanned <= 22'000'000);
}

TEST_CASE("examine: what decoders pass over is looked at, piece by piece") {
  const std::string script = "#!/bin/sh\n" + kMarker + std::string(60, '\n');
  const auto gzip_with = [](unsigned flag, const std::string& field) {
    std::string bytes("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    bytes[3] = static_cast<char>(flag);
    return bytes + field + test::gzip("hello").substr(10);
  };
  const std::string size = {static_cast<char>(script.size()), 0};
  for (const std::string& bytes :
       {gzip_with(4, size + script), gzip_with(8, script + '\0'), gzip_with(16, script + '\0'),
        test::zstd("hello") + test::skippable(script),
        test::skippable(test::zstd(script)) + test::zstd("hello"),
        test::lz4("hello") + test::skippable(script)}) {
    const Record record = record_of(bytes);
    CHECK(markers(record) == 1);
    CHECK(record.gaps.empty());
  }
  CHECK(record_of(test::zstd("hello") + test::skippable(std::string(17 << 20, 'x'))).gaps.size() ==
        1);
}

TEST_CASE("examine: junk between entries is looked at as what it is") {
  const std::string script = "#!/bin/sh\n" + kMarker + "\n";
  const std::string inner = test::gzip(script);
  const std::string entry = test::zip_local({.name = "a", .body = "x"});
  CHECK(markers(record_of(entry + "junk" + inner + test::zip_end(0, 0, 0))) >= 1);
  CHECK(markers(record_of(test::zip({{.name = "a", .body = "x"}}, inner))) == 1);
  std::string tar = test::tar({{.name = "a", .body = "x"}});
  std::string junk = inner;
  junk.resize((junk.size() + 511) / 512 * 512);
  CHECK(markers(record_of(tar.substr(0, 1024) + junk + tar)) == 1);
}

TEST_CASE("examine: a file that a wheel's RECORD does not list is odd") {
  const auto oddities = [](const std::string& record_text, const std::string& name) {
    const std::string bytes = test::zip({{.name = "p/a.py", .body = "1"},
                                         {.name = "p/b,c.py", .body = "2"},
                                         {.name = "p-1.dist-info/RECORD", .body = record_text},
                                         {.name = "p-1.dist-info/RECORD.jws", .body = "3"}});
    const auto matcher = match::Matcher::create(test::small_signatures());
    MemorySource source(as_bytes(bytes));
    const Unit unit{.kind = Unit::Kind::file, .name = name};
    return examine::examine(unit, source, **matcher, {}).anomalies.size();
  };
  CHECK(oddities("p/a.py,sha256=x,1\n\"p/b,c.py\",,\n", "p-1-py3-none-any.whl") == 0);
  CHECK(oddities("p/a.py,sha256=x,1\n", "p-1-py3-none-any.whl") == 1);
  CHECK(oddities("p/a.py,sha256=x,1\n", "p.zip") == 0);
}

TEST_CASE("examine: every byte of a wheel whose RECORD is packed is accounted for") {
  const std::string list = "p/a.py,sha256=x,1\np-1.dist-info/RECORD,,\n";
  const std::string bytes =
      test::zip({{.name = "p/a.py", .body = "1"},
                 {.name = "p-1.dist-info/RECORD", .body = list, .method = 8}});
  const auto matcher = match::Matcher::create(test::small_signatures());
  MemorySource source(as_bytes(bytes));
  const Unit unit{.kind = Unit::Kind::file, .name = "p-1-py3-none-any.whl"};
  CHECK(gaps(examine::examine(unit, source, **matcher, {})).empty());
}

TEST_CASE("examine: a zip behind a text is unpacked, however long the text is") {
  const std::string inner = test::zip({{.name = "__main__.py", .body = kMarker}});
  for (const std::string& start : {std::string(), std::string("#!/usr/bin/python3\n")}) {
    for (const std::size_t lines : {2'000U, 40'000U}) {
      std::string text = start;
      for (std::size_t i = 0; i < lines; ++i) text += "# hello\n";
      const Record record = record_of(text + inner);
      CHECK(markers(record) == 1);
      REQUIRE(!record.evidence.empty());
      CHECK(record.evidence[0].trail.text().find("__main__.py") != std::string::npos);
      CHECK(markers(record_of(text + test::gzip(kMarker))) == 1);
    }
  }
}

TEST_CASE("examine: a text that names a format's magic keeps its lines") {
  std::string text = "magics = [\n'BZh91AY&SY',\n'Rar!',\n'__CLANG_OFFLOAD_BUNDLE__',\n]\n";
  const Record named = record_of(text + kMarker);
  REQUIRE(markers(named) == 1);
  CHECK(named.evidence[0].line == 6);
  CHECK(named.gaps.empty());
  // Behind bytes that begin like a stream and are none, lines go on.
  for (int i = 0; i < 5'000; ++i) text += "line\n";
  const Record guessed = record_of(text + "\x1f\x8b\x08" + std::string(9, '\1') + "\n" + kMarker);
  REQUIRE(markers(guessed) == 1);
  CHECK(guessed.evidence[0].line == 5'007);
}

TEST_CASE("recorder: of anomalies that differ by numbers only some are told, and how many more") {
  examine::Recorder recorder;
  const auto at = [](const std::string& file, const std::string& place) {
    return Trail{{{Step::Kind::unit, "unit"},
                  {Step::Kind::member, file},
                  {Step::Kind::offset, place},
                  {Step::Kind::decoder, "fatbin"}}};
  };
  for (int i = 0; i < 9; ++i) {
    recorder.anomaly(at("a.so", "@" + std::to_string(i)),
                     "member sm_7" + std::to_string(i) + " is obfuscated");
  }
  recorder.anomaly(at("b.so", "@1"), "member sm_75 is obfuscated");
  recorder.anomaly(at("a.so", "@1"), "member sm_75 is broken");
  const Record record = recorder.finish();
  REQUIRE(record.anomalies.size() == 7);
  CHECK(record.anomalies[3].what == "member sm_73 is obfuscated");
  CHECK(record.anomalies[4].what == "member sm_74 is obfuscated, and 4 more like it");
  CHECK(record.anomalies[5].what == "member sm_75 is obfuscated");
  CHECK(record.anomalies[6].what == "member sm_75 is broken");
}

TEST_CASE("examine: a fault of the unit's own bytes is a gap") {
  MemorySource all(as_bytes(kMarker));
  BoundedSource cut(all, 100);
  const Record record = record_of(cut);
  CHECK(markers(record) == 1);
  CHECK(gaps(record) == "decode.truncated ");
}

TEST_CASE("examine: an image config is shown by its parts, and a broken one is a gap") {
  const Record record =
      record_of(R"({"config":{"Entrypoint":["x","-o","stratum+tcp://p.example:3333"]}})",
                Unit::Kind::image_config);
  // As an argument list and as a command, in the part and in the whole document.
  REQUIRE(record.evidence.size() == 4);
  CHECK(record.evidence[0].trail.text() == "unit › Entrypoint");
  CHECK(record.evidence[0].view == ViewKind::argv);
  CHECK(record.evidence[1].trail.text() == "unit › Entrypoint");
  CHECK(record.evidence[1].view == ViewKind::command);
  CHECK(gaps(record_of("{", Unit::Kind::image_config)) == "decode.corrupt ");
}

TEST_CASE("examine: the environment of an image is put into its commands") {
  const Record record = record_of(
      R"({"config":{"Env":["P=p.example:3333"],"Cmd":["x","-u","w","-o","stratum+tcp://$P"]}})",
      Unit::Kind::image_config);
  REQUIRE(!record.evidence.empty());
  CHECK(record.evidence[0].view == ViewKind::command);
  CHECK(record.evidence[0].excerpt == "x -u w -o stratum+tcp://p.example:3333");
}

TEST_CASE("examine: a command of a script is evidence with the script's line") {
  const Record record =
      record_of("#!/bin/sh\nP=p.example:3333\n./a \\\n -u w -o stratum+tcp://$P\n");
  REQUIRE(record.evidence.size() == 1);
  CHECK(record.evidence[0].trail.text() == "unit › command in line 4");
  CHECK(record.evidence[0].line == 4);
  CHECK(record.evidence[0].column == 1);
}

TEST_CASE("examine: what is encoded in several variables is decoded") {
  const std::string hidden = test::base64_of("x\n" + kMarker + "\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
  const std::size_t half = hidden.size() / 2;
  const Record record = record_of("#!/bin/sh\na='" + hidden.substr(0, half) + "'\nb='" +
                                  hidden.substr(half) + "'\neval \"$(echo $a$b | base64 -d)\"\n");
  CHECK(markers(record) > 0);
}

TEST_CASE("examine: variables that hide something in wide texts and in one another") {
  const std::string hidden = test::base64_of("x\n" + kMarker + "\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
  const std::size_t half = hidden.size() / 2;
  const std::string script = "#!/bin/sh\na='" + hidden.substr(0, half) + "'\nb='" +
                             hidden.substr(half) + "'\neval \"$(echo $a$b | base64 -d)\"\n";
  std::string wide = "\xff\xfe";
  for (const char c : script) {
    wide += c;
    wide += '\0';
  }
  CHECK(markers(record_of(wide)) > 0);
  // Deeper than variables are followed, and setting what it uses.
  const std::string chain =
      "#!/bin/sh\na=$b;b=$c;c=$d;d=$e;e=$f;f=$g;g=$a;echo $a$b | base64 -d;echo ${x:-$a} | base64 "
      "-d\n";
  CHECK(record_of(chain).gaps.empty());
  std::string wide_chain = "\xff\xfe";
  for (const char c : chain) {
    wide_chain += c;
    wide_chain += '\0';
  }
  CHECK(record_of(wide_chain).gaps.empty());
}

TEST_CASE("examine: install scripts in the headers of an rpm package are scripts") {
  const auto header = [](const std::string& data) {
    std::string bytes("\x8e\xad\xe8\x01\0\0\0\0\0\0\0\0\0\0", 14);
    bytes += static_cast<char>(data.size() >> 8);
    bytes += static_cast<char>(data.size() & 0xff);
    return bytes + data;
  };
  const std::string script = "cd /tmp\nP=p.example:3333\n./a -u w \\\n -o stratum+tcp://$P\n";
  const Record record = record_of("\xed\xab\xee\xdb\x03" + std::string(91, '\0') + header("") +
                                  header(std::string("name\0", 5) + script + '\0') + "payload");
  REQUIRE(record.evidence.size() == 1);
  CHECK(record.evidence[0].view == ViewKind::command);
  CHECK(record.evidence[0].trail.text().find("install scripts › command in line") !=
        std::string::npos);
}

TEST_CASE("examine: the names and padding of an archive are matched like any bytes") {
  std::string bytes = test::tar({{.name = "a", .body = "x"}});
  bytes.replace(512 + 100, kMarker.size(), kMarker);  // in the padding after the body
  const Record record = record_of(bytes);
  REQUIRE(markers(record) == 1);
  CHECK(record.evidence[0].trail.text() == "unit › archive headers");
}

TEST_CASE("examine: several entries at one path of a layer are told apart") {
  const Record record = record_of(test::tar({{.name = "a", .body = kMarker},
                                             {.name = "b", .body = kMarker},
                                             {.name = "./a", .body = kMarker}}),
                                  Unit::Kind::layer);
  REQUIRE(record.evidence.size() == 3);
  CHECK(record.evidence[0].trail.text() == "unit › a › copy 1");
  CHECK(record.evidence[1].trail.text() == "unit › b");
  CHECK(record.evidence[2].trail.text() == "unit › a › copy 2");
}

TEST_CASE("examine: a name that holds a line end is one name") {
  const Record record = record_of(test::tar({{.name = "x\nxmrig\ny"}}));
  REQUIRE(record.evidence.size() == 1);
  CHECK(record.evidence[0].excerpt == "x\nxmrig\ny");
}

TEST_CASE("examine: what a text hides is a node of its own, with a trail to it") {
  const std::string inner = test::tar({{.name = "a/run.sh", .body = "exec " + kMarker + "\n"}});
  const std::string packed = test::gzip(inner);
  const std::string script =
      "#!/bin/sh\necho '" + test::base64_of(packed) + "' | base64 -d | tar xz\n";
  const Record record = record_of(script);
  REQUIRE(markers(record) == 1);
  CHECK(record.evidence[0].trail.text() == "unit › line 2:7 › base64 › gzip › a/run.sh");
  CHECK(record.gaps.empty());
  // The text counts as itself; each derived node adds its own bytes and where they went.
  CHECK(record.ledger.nodes == 4);
  CHECK(record.ledger.bytes ==
        script.size() + packed.size() + inner.size() + 5 + kMarker.size() + 1);
}

TEST_CASE("examine: a raw deflate stream in a text is inflated, what is none is no gap") {
  const std::string whole = test::gzip(
      "run('" + kMarker + "'); # the quick brown fox jumps over the lazy dog, 0123456789");
  const std::string body = whole.substr(10, whole.size() - 18);
  const auto script = [](const std::string& bytes) {
    return "<?php eval(gzinflate(base64_decode('" + test::base64_of(bytes) + "')));";
  };
  const Record record = record_of(test::tar({{.name = "a.php", .body = script(body)}}));
  REQUIRE(markers(record) == 1);
  CHECK(record.evidence[0].trail.text() == "unit › a.php › line 1:37 › base64, deflate");
  CHECK(record.gaps.empty());
  const Record cut = record_of(script(body.substr(0, body.size() - 3)));
  for (const Evidence& evidence : cut.evidence) {
    CHECK(evidence.trail.text().find("deflate") == std::string::npos);
  }
  CHECK(cut.gaps.empty());
}

TEST_CASE("examine: decoders nest, and the file is the same for all that they yield") {
  std::string text = "run " + kMarker + " now, and once more: nothing else is said here";
  text = test::base64_of(text);
  text = "'" + test::cut_up(text, 7, "'+'") + "'";
  text = test::each_byte("x=" + text, "%02x");
  const Record record = record_of(test::tar({{.name = "t.js", .body = "y='" + text + "'"}}));
  REQUIRE(markers(record) == 1);
  CHECK(record.evidence[0].trail.text() ==
        "unit › t.js › line 1:4 › hex › line 1:3 › joined strings › line 1:1 › base64");
  CHECK(record.evidence[0].trail.file().text() == "unit › t.js");
  CHECK(record.evidence[0].view == ViewKind::script);
}

TEST_CASE("examine: a derived text is no weaker than the text around it, a program is a program") {
  const std::string text = "plain words and " + kMarker;
  const Record script = record_of("#!/bin/sh\necho " + test::base64_of(text) + "\n");
  REQUIRE(markers(script) == 1);
  CHECK(script.evidence[0].view == ViewKind::script);
  const Record program = record_of("x = '" +
                                   test::base64_of("\x7f"
                                                   "ELF\2\1\1" +
                                                   std::string(64, '\0') + "\1\2" + kMarker) +
                                   "'");
  REQUIRE(markers(program) == 1);
  CHECK(program.evidence[0].view == ViewKind::executable);
}

TEST_CASE("examine: five megabytes of base64 are decoded to their end") {
  const std::string program =
      "\x7f"
      "ELF\2\1\1" +
      test::noise(5'000'000, 11) + kMarker;
  const std::string text = "x = '''\n" + test::base64_of(program, 76) + "\n'''\n";
  const Record whole = record_of(text);
  REQUIRE(markers(whole) == 1);
  CHECK(whole.evidence[0].offset == program.size() - kMarker.size());
  CHECK(whole.gaps.empty());
}

TEST_CASE("examine: derived evidence does not depend on how the bytes arrive") {
  std::string text;
  for (std::size_t i = 0; i < 60; ++i) {
    text += std::string(3'000 + i * 71, ' ') + "x='" +
            test::base64_of("echo " + kMarker + std::to_string(i)) + "';\n";
  }
  const Record whole = record_of(text);
  CHECK(markers(whole) == 60);
  test::StingySource source(text);
  const Record pieces = record_of(source);
  CHECK(pieces.evidence == whole.evidence);
  CHECK(pieces.ledger == whole.ledger);
}

TEST_CASE("examine: more decoders in a row than the limit are a gap") {
  std::string text = "echo " + kMarker;
  for (unsigned i = 0; i < Limits().decoder_depth; ++i) text = "x=" + test::base64_of(text);
  const Record whole = record_of(text);
  CHECK(markers(whole) == 1);
  CHECK(whole.gaps.empty());
  text = "x=" + test::base64_of(text);
  const Record record = record_of(text);
  CHECK(markers(record) == 0);
  CHECK(gaps(record) == "limit.depth ");
}

TEST_CASE("examine: as often as texts are decoded, each may also be compressed") {
  std::string text = "echo " + kMarker;
  for (unsigned i = 0; i < Limits().decoder_depth; ++i) {
    text = "x=" + test::base64_of(test::zlib_of(text));
  }
  const Record record = record_of(text);
  CHECK(markers(record) == 1);
  CHECK(record.gaps.empty());
}

TEST_CASE("examine: more derived bytes or parts than the limits are one gap") {
  std::string text;
  for (int i = 0; i < 50; ++i) {
    text += std::string(2'000, ' ') + "x='" +
            test::base64_of("echo " + std::to_string(i) + kMarker) + "'\n";
  }
  Limits parts;
  parts.derived_per_file = 10;
  const Record few = record_of(text, Unit::Kind::file, parts);
  CHECK(markers(few) == 10);
  CHECK(gaps(few) == "limit.entries ");
  Limits bytes;
  bytes.derived_unit_bytes = 100;
  CHECK(gaps(record_of(text, Unit::Kind::file, bytes)) == "limit.bytes ");
  // The next file has its own bounds.
  const Record two =
      record_of(test::tar({{.name = "a", .body = text}, {.name = "b", .body = text}}),
                Unit::Kind::file, parts);
  CHECK(markers(two) == 20);
}

TEST_CASE("examine: a guess that is no container is no gap, a broken container is one") {
  // The magic of gzip, and then nothing that inflates.
  const std::string guess = "\x1f\x8b\x08" + test::noise(300, 12);
  CHECK(record_of("x='" + test::base64_of(guess) + "'").gaps.empty());
  std::string body;
  for (int i = 0; i < 3'000; ++i) body += std::to_string(i * 7919);
  const std::string whole = test::gzip(body);
  const std::string text = "x='" + test::base64_of(whole.substr(0, whole.size() / 2)) + "'";
  CHECK(gaps(record_of(text)) == "decode.truncated ");
}

TEST_CASE("examine: a program behind a shell script is looked at as what it is") {
  const std::string head = "#!/bin/sh\ntail -n +4 \"$0\" | tar xz\nexit\n";
  const std::string tar = test::tar({{.name = "a/b", .body = kMarker}});
  const Record packed = record_of(head + test::gzip(tar));
  REQUIRE(markers(packed) == 1);
  CHECK(packed.evidence[0].trail.text() == "unit › gzip › a/b");
  CHECK(packed.ledger.nodes == 3);
  CHECK(packed.gaps.empty());
  CHECK(markers(record_of(head + tar)) == 1);
  const Record program = record_of(head +
                                   "\x7f"
                                   "ELF\2\1\1" +
                                   std::string(20, '\0') + kMarker);
  REQUIRE(markers(program) == 1);
  CHECK(program.evidence[0].view == ViewKind::executable);
}

TEST_CASE("examine: commands of an image and wide texts are decoded too") {
  const std::string hidden = test::base64_of("x -o stratum+tcp://p.example:3333");
  const Record image =
      record_of(R"({"config":{"Cmd":["sh","-c","echo )" + hidden + R"( | base64 -d | sh"]}})",
                Unit::Kind::image_config);
  // In the arguments and in the document as it is, each as text and as a command.
  REQUIRE(image.evidence.size() == 4);
  CHECK(image.evidence[0].trail.text() == "unit › Cmd › line 1:13 › base64");
  CHECK(image.evidence[0].view == ViewKind::argv);
  std::string wide = "\xff\xfe";
  for (const char c : "powershell -enc " + test::base64_of("echo " + kMarker)) {
    wide += c;
    wide += '\0';
  }
  const Record script = record_of(wide);
  REQUIRE(markers(script) == 1);
  CHECK(script.evidence[0].trail.text() == "unit › utf-16le › line 1:20 › base64");
}

TEST_CASE("examine: a copy of a path is named first, then what is hidden in it") {
  const std::string body = "x='" + test::base64_of("echo " + kMarker) + "'";
  const Record record = record_of(
      test::tar({{.name = "a", .body = body}, {.name = "a", .body = body}}), Unit::Kind::layer);
  REQUIRE(record.evidence.size() == 2);
  CHECK(record.evidence[0].trail.text() == "unit › a › copy 1 › line 1:4 › base64");
  CHECK(record.evidence[1].trail.text() == "unit › a › copy 2 › line 1:4 › base64");
}

TEST_CASE("examine: behind hundreds of blanks a match still has its line and a useful excerpt") {
  const Record record = record_of("one\nx=1;" + std::string(3'000, ' ') + kMarker + "\nend\n");
  REQUIRE(markers(record) == 1);
  CHECK(record.evidence[0].line == 2);
  CHECK(record.evidence[0].column == 3'005);
  CHECK(record.evidence[0].excerpt == std::string(40, ' ') + kMarker);
}

TEST_CASE("examine: an excerpt shows no value whose name it cuts off") {
  for (const std::string before :
       {"password=hunter2hunter2hunter2hunter2h ", "password: hunter2hunter2hunter2hunter2hu ",
        "password = hunter2hunter2hunter2hunter2 ",
        "Authorization: Bearer hunter2hunter2hunter2 "}) {
    for (std::size_t pad = 0; pad < 45; ++pad) {
      const Record record = record_of("x\n" + std::string(50, 'a') + " " + before +
                                      std::string(pad, 'b') + " " + kMarker + " end\n");
      REQUIRE(markers(record) == 1);
      const std::string& excerpt = record.evidence.front().excerpt;
      CHECK(excerpt.find(kMarker) != std::string::npos);
      const bool named = excerpt.find("password") != std::string::npos ||
                         excerpt.find("Authorization") != std::string::npos;
      CHECK((named || excerpt.find("unter2") == std::string::npos));
    }
  }
}

TEST_CASE("examine: a hex text longer than a block of decoding is decoded to its end") {
  std::string plain = "#!/bin/sh\n# " + std::string(5'000'001, 'x') + "\n" + kMarker + "\n";
  std::string digits;
  digits.reserve(2 * plain.size());
  for (const char c : plain) {
    digits += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    digits += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  const Record record = record_of("x = '" + digits + "'\n");
  CHECK(markers(record) == 1);
}

TEST_CASE("examine: the digests of a lock file are no parts to be decoded") {
  std::string text = "{\n";
  for (int i = 0; i < 20'000; ++i) {
    std::string digest(64, '\0');
    for (std::size_t k = 0; k < digest.size(); ++k) {
      digest[k] = static_cast<char>((static_cast<std::size_t>(i) * 2654435761U + k * 40503U) >> 7);
    }
    text += "\"integrity\": \"sha512-" + test::base64_of(digest) + "\",\n";
  }
  CHECK(gaps(record_of(text + "}\n")).empty());
}

namespace {

// Where the markers of a record were found, a line each.
std::string places(const Record& record) {
  std::string text;
  for (const Evidence& e : record.evidence) {
    if (e.indicator == "marker") text += e.trail.text() + " +" + std::to_string(e.offset) + "\n";
  }
  return text;
}

std::string program(const std::string& body) {
  return test::ElfFile({.sections = {{.name = ".rodata", .body = body}}}).bytes;
}

}  // namespace

TEST_CASE("examine: a fat binary inside a program is unpacked where it lies") {
  const std::string code = test::fatbin(
      {{.body = kMarker + std::string(5000, 'x'), .packing = test::FatbinSpec::Packing::zstd}});
  const std::string bytes =
      program(std::string(300'000, 'a') + kMarker + code + kMarker + std::string(9000, 'b'));
  const Record record = record_of(bytes);
  CHECK(gaps(record).empty());
  const std::size_t at = bytes.find(kMarker), second = bytes.rfind(kMarker);
  char offset[32];
  std::snprintf(offset, sizeof offset, "@0x%zx", bytes.find(code));
  CHECK(places(record) == "unit +" + std::to_string(at) + "\nunit › " + offset +
                              " › fatbin › sm_90.cubin › zstd +0\nunit +" + std::to_string(second) +
                              "\n");
}

TEST_CASE("examine: an archive behind a program is unpacked") {
  const std::string bytes = program("harmless") + test::tar({{.name = "run.sh", .body = kMarker}});
  const Record record = record_of(bytes);
  CHECK(gaps(record).empty());
  CHECK(places(record).find("tar › run.sh +0") != std::string::npos);
}

TEST_CASE("examine: the file system behind an AppImage's program is unpacked") {
  std::string runtime = program("harmless");
  runtime.replace(8, 3, "AI\2");
  const test::SquashfsFile image = test::squashfs(
      {{.name = "AppRun", .body = "#!/bin/sh\n"}, {.name = "app", .body = "x\n" + kMarker + "\n"}});
  const std::string padded = image.bytes + std::string(4096 - image.bytes.size() % 4096, '\0');
  const Record record = record_of(runtime + padded + kMarker);
  CHECK(gaps(record).empty());
  char offset[32];
  std::snprintf(offset, sizeof offset, "@0x%zx", runtime.size());
  const std::string found = places(record);
  CHECK(found.find(std::string("unit › ") + offset + " › squashfs › app +2\n") !=
        std::string::npos);
  CHECK(found.find("unit +" + std::to_string(runtime.size() + padded.size()) + "\n") !=
        std::string::npos);
}

TEST_CASE("examine: file systems in one another get less and less memory") {
  const test::SquashfsFile inner = test::squashfs({{.name = "app", .body = kMarker}});
  const test::SquashfsFile outer = test::squashfs({{.name = "inner", .body = inner.bytes}});
  Limits limits;
  limits.decoder_memory = outer.bytes.size();
  Record record = record_of(outer.bytes, Unit::Kind::file, limits);
  CHECK(gaps(record) == "limit.memory ");
  limits.decoder_memory = 2 * outer.bytes.size();
  record = record_of(outer.bytes, Unit::Kind::file, limits);
  CHECK(gaps(record).empty());
  CHECK(places(record).find("unit › inner › app +0") != std::string::npos);
}

TEST_CASE("examine: other bytes behind a program are matched as its own") {
  const std::string bytes = program("harmless") + "\x01\x02" + kMarker;
  CHECK(places(record_of(bytes)) == "unit +" + std::to_string(bytes.find(kMarker)) + "\n");
}

TEST_CASE("examine: a program that claims to end elsewhere is read to its end") {
  std::string bytes = program("harmless") + kMarker;
  bytes.replace(40, 8, std::string(6, '\xff') + std::string(2, '\x0f'));  // e_shoff
  CHECK(markers(record_of(bytes)) == 1);
  CHECK(markers(record_of(bytes.substr(0, 64) + "\1\2" + kMarker)) == 1);
}

TEST_CASE("examine: fat binaries one after the other are all looked into") {
  std::string code;
  for (int i = 0; i < 50; ++i) {
    code += test::fatbin(
        {{.body = kMarker + std::string(100, 'x'), .packing = test::FatbinSpec::Packing::zstd}});
  }
  const Record record = record_of(program(code + code));
  CHECK(gaps(record).empty());
  CHECK(markers(record) == 100);
}

TEST_CASE("examine: the same is found however the source shows a program") {
  const std::string code =
      test::fatbin({{.body = kMarker, .packing = test::FatbinSpec::Packing::lz4}});
  const std::string bytes =
      program(std::string(140'000, 'a') + code + std::string(140'000, 'c') + code) +
      test::tar({{.name = "x", .body = kMarker}});
  const Record whole = record_of(bytes);
  CHECK(markers(whole) == 3);
  test::StingySource stingy(bytes);
  const Record pieces = record_of(stingy);
  CHECK(pieces.evidence == whole.evidence);
  CHECK(pieces.gaps == whole.gaps);
}

TEST_CASE("examine: compressed data inside a program is unpacked where it lies") {
  const std::string text = kMarker + std::string(3000, 'x');
  for (const std::string& stream :
       {test::gzip(text), test::xz(text), test::zstd(text), test::bzip2(text)}) {
    const std::string bytes = program(std::string(5000, 'a') + stream + std::string(5000, 'b'));
    const Record record = record_of(bytes);
    CHECK(gaps(record).empty());
    CHECK(markers(record) == 1);
  }
}

TEST_CASE("examine: what only looks compressed inside a program is matched as it is") {
  std::string body;
  for (int i = 0; i < 100; ++i) {
    body += std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + "\x28\xb5\x2f\xfd" + "zzzz";
    body += "BZh91AY&SY" +
            std::string(
                "\xfd"
                "7zXZ\0",
                6) +
            "q";
  }
  const Record record = record_of(program(body + kMarker));
  CHECK(gaps(record).empty());
  CHECK(markers(record) == 1);
}

TEST_CASE("examine: a flood of what looks compressed is cut, and the cut is told") {
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "BZh91AY&SYxxxx";
  const Record record = record_of(program(body + kMarker));
  CHECK(gaps(record) == "limit.entries ");
  CHECK(markers(record) == 1);
}

TEST_CASE("examine: a program in a picture is a program, and its end is found") {
  const std::string picture = "\x89PNG\r\n\x1a\n" + std::string(70'001, '\0');
  test::ElfSpec spec;
  spec.segments = {{.size = 200}};
  spec.sections = {{.name = ".rodata", .body = "strings " + kMarker}};
  const std::string inside = test::ElfFile(spec).bytes;
  const std::string bytes = picture + inside + "\1\2\3" + kMarker;
  const Record record = record_of(bytes);
  CHECK(gaps(record).empty());
  char offset[32];
  std::snprintf(offset, sizeof offset, "@0x%zx", picture.size());
  CHECK(places(record).find(std::string("unit › ") + offset + " +") != std::string::npos);
  CHECK(places(record).find("unit +" + std::to_string(bytes.rfind(kMarker))) != std::string::npos);
  for (const Evidence& evidence : record.evidence) {
    CHECK(evidence.view ==
          (evidence.trail.steps.size() == 2 ? ViewKind::executable : ViewKind::binary));
  }
  test::StingySource stingy(bytes);
  CHECK(record_of(stingy).evidence == record.evidence);
  // What begins as a text.
  const std::string paper = "%PDF-1.4\n" + test::numbers(3'000) + inside;
  std::snprintf(offset, sizeof offset, "@0x%zx", paper.size() - inside.size());
  CHECK(places(record_of(paper)).find(std::string("unit › ") + offset + " +") != std::string::npos);
  // Elsewhere programs lie in programs and archives of programs, which tell where.
  CHECK(places(record_of("data\1\2\3" + bytes.substr(8))).find("@") == std::string::npos);
}

TEST_CASE("examine: a file that is brotli by name is decoded when it is, and read as it is else") {
  const auto found = [](const std::string& name, const std::string& body) {
    return record_of(test::tar({{.name = name, .body = body}}), Unit::Kind::layer);
  };
  const std::string text = test::numbers(5'000) + kMarker;
  const Record record = found("a/app.js.br", test::brotli(text));
  REQUIRE(markers(record) == 1);
  CHECK(record.evidence[0].trail.text() == "unit › a/app.js.br › brotli");
  CHECK(record.gaps.empty());
  CHECK(found("a/app.js.br", text).gaps.empty());
  CHECK(markers(found("a/app.js.br", text)) == 1);
  CHECK(markers(found("a/app.js", test::brotli(text))) == 0);
  const std::string half = test::brotli(text).substr(0, 1'500);
  CHECK(gaps(found("a/app.js.br", half)) == "decode.truncated ");
}

TEST_CASE("examine: what is named as brotli and cannot be decoded is a gap, unless it is text") {
  const auto found = [](const std::string& name, const std::string& bytes) {
    return record_of(test::tar({{.name = name, .body = bytes}}));
  };
  const std::string packed = test::brotli(test::numbers(50) + kMarker);
  CHECK(gaps(found("a.br", packed)) == "");
  CHECK(gaps(found("a.br", packed.substr(0, packed.size() - 1))) == "decode.corrupt ");
  CHECK(gaps(found("pt.br", "linguagem = portugues\n")) == "");
  // Each stream is decoded, and however the ending is written.
  CHECK(markers(found("a.BR", test::brotli("hello\n") + packed)) == 1);
}

TEST_CASE("examine: the script of a self-extractor has a digest like any file") {
  const std::string script = "#!/bin/sh\n" + kMarker + "\nexit 0\n";
  const Record record = record_of(script + test::tar({{.name = "x", .body = "y"}}));
  REQUIRE(record.contents.size() == 1);
  CHECK(record.contents[0].digest == sha256(as_bytes(script)));
}
