// Electron's asar and Node.js's single executables.
#include "support/unpacking.h"
#include "support/wrapped.h"
#include "unpack/embedded.h"

using namespace minescan;
using namespace minescan::test;

TEST_CASE("asar: files come by their paths, in the order of the bytes") {
  const std::string bytes = asar(
      R"({"files":{"b.js":{"size":3,"offset":"4"},"d":{"files":{"a.js":{"size":4,"offset":"0"},)"
      R"("l":{"link":"b.js"},"empty":{"size":0,"offset":"0"}}}}})",
      "AAAABBBrest");
  CHECK(format_of(bytes) == "asar");
  const Seen seen = walk("asar", bytes);
  CHECK(seen.names() == "d/l d/a.js d/empty b.js");
  CHECK(seen.entries.at(0).member.target == "b.js");
  CHECK(seen.text("d/a.js") == "AAAA");
  CHECK(seen.text("b.js") == "BBB");
  CHECK(seen.rest == "rest");
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
}

TEST_CASE("asar: files that share bytes show each byte once, and it is told") {
  const Seen seen = walk(
      "asar",
      asar(R"({"files":{"a":{"size":6,"offset":"0"},"b":{"size":4,"offset":"4"}}})", "01234567"));
  CHECK(seen.text("a") == "012345");
  CHECK(seen.text("b") == "67");
  CHECK(seen.has_anomaly("share bytes"));
}

TEST_CASE("asar: files beside the archive and files without a place are told") {
  const Seen seen = walk("asar", asar(R"({"files":{"a":{"size":6,"unpacked":true},)"
                                      R"("b":{"size":4,"offset":"x"},"c":{"size":-4,"offset":"0"},)"
                                      R"("d":7,"e":{"size":1,"offset":"0"}}})",
                                      "E"));
  CHECK(seen.names() == "e");
  CHECK(seen.has_anomaly("1 files that lie beside"));
  CHECK(seen.has_anomaly("where b lies"));
  CHECK(seen.has_anomaly("where c lies"));
  CHECK(seen.has_anomaly("is none: d"));
}

TEST_CASE("asar: a file that reaches past the end is cut, and told") {
  const Seen seen = walk("asar", asar(R"({"files":{"a":{"size":9007199254740991,"offset":"1"},)"
                                      R"("z":{"size":1,"offset":"18446744073709551615"}}})",
                                      "abc"));
  CHECK(seen.text("a") == "bc");
  CHECK(seen.entries.at(0).fault.has_value());
  CHECK(seen.entries.at(1).fault.has_value());
}

TEST_CASE("asar: a header that is cut, broken or too long leaves the rest to others") {
  const std::string good = asar(R"({"files":{"a":{"size":1,"offset":"0"}}})", "A");
  CHECK(walk("asar", good.substr(0, 40)).has_gap(GapReason::decode_truncated));
  CHECK(walk("asar", asar(R"({"files":{"a":{"size":1)", "A")).has_gap(GapReason::decode_corrupt));
  CHECK(walk("asar", asar(R"({"file":{}})", "A")).has_gap(GapReason::decode_corrupt));
  const std::string head = little32(4) + little32(0x7ffffff8) + little32(0x7ffffff4) +
                           little32(0x7ffffff0) + R"({"files":{})";
  CHECK(format_of(head) == "asar");
  CHECK(walk("asar", head).has_gap(GapReason::limit_bytes));
  CHECK(format_of(little32(4) + little32(16) + little32(20) + little32(8) + R"({"files":{})") ==
        "");
}

TEST_CASE("asar: no more entries than an archive may have") {
  Limits limits;
  limits.entries = 1;
  const Seen seen = walk("asar",
                         asar(R"({"files":{"a":{"size":1,"offset":"0"},)"
                              R"("b":{"size":1,"offset":"1"},"c":{"size":1,"offset":"2"}}})",
                              "ABC"),
                         limits);
  CHECK(seen.names() == "a");
  CHECK(seen.has_gap(GapReason::limit_entries));
}

TEST_CASE("node-sea: the script is one whatever it is called, assets come by their keys") {
  for (const bool extra : {false, true}) {
    const std::string bytes = sea({.flags = 13,
                                   .path = "src/app.bin",
                                   .script = "run()",
                                   .code_cache = "CACHE",
                                   .assets = {{"a.txt", "AA"}, {"b", ""}},
                                   .extra_byte = extra});
    CHECK(format_of(bytes) == "node-sea");
    const Seen seen = walk("node-sea", bytes + "behind");
    CHECK(seen.names() == "src/app.bin.js a.txt b");
    CHECK(seen.text("src/app.bin.js") == "run()");
    CHECK(seen.text("a.txt") == "AA");
    CHECK(seen.own.find("CACHE") != std::string::npos);
    CHECK(seen.rest == "behind");
    CHECK(seen.gaps.empty());
  }
}

TEST_CASE("node-sea: lengths are claims") {
  const Seen cut = walk("node-sea", sea({.script = "run()", .script_size = 1000}));
  CHECK(cut.text("main.js") == "run()");
  CHECK(cut.entries.at(0).fault.has_value());
  CHECK(walk("node-sea", sea({.script = "run()", .script_size = ~std::uint64_t{0}}))
            .has_gap(GapReason::decode_corrupt));
  CHECK(walk("node-sea", sea({.flags = 4, .script = "x"}).substr(0, 30))
            .has_gap(GapReason::decode_truncated));
  CHECK(format_of(sea({.flags = 0x20, .script = "run()"})) == "");
  CHECK(format_of(sea({.path = "a\1b", .script = "run()"})) == "");
  CHECK(format_of(sea({.path = std::string(5000, 'a'), .script = "run()"})) == "");
}

TEST_CASE("node-sea: it is found inside of a program") {
  const std::string bytes = std::string(5000, 'n') + sea({.script = "run()"}) + "more";
  CHECK(unpack::find_embedded(as_bytes(bytes), 0) == 5000);
  CHECK_FALSE(unpack::find_embedded(as_bytes(bytes), 5001).has_value());
}
