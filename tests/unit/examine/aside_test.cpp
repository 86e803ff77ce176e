// Members that other threads examine: nothing may tell that they did.

#include "examine/aside.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "examine/examine.h"
#include "examine/recorder.h"
#include "examine/worker/desk.h"
#include "support/archives.h"
#include "support/compressors.h"
#include "support/encodings.h"
#include "support/signatures.h"

using namespace minescan;
using namespace minescan::examine;

namespace {

const std::string kMarker = "MINESCAN-TEST-MARKER";

// Text of no meaning, so large that a thread takes it.
std::string filling(std::size_t number) {
  std::string text;
  while (text.size() < 2 * kLeastAside) text += "line of file " + std::to_string(number) + "\n";
  return text;
}

Unit layer() { return {.kind = Unit::Kind::layer, .name = "layer"}; }

struct Examined {
  Record record;
  bool spoiled = false;
  std::uint64_t aside = 0;  // windows that other threads looked at
};

Record alone(const std::string& bytes, const Limits& limits = {}) {
  const auto matcher = match::Matcher::create(test::small_signatures());
  REQUIRE(matcher.has_value());
  MemorySource source(as_bytes(bytes));
  return examine::examine(layer(), source, **matcher, limits);
}

Examined helped(const std::string& bytes, unsigned threads, const Limits& limits = {}) {
  const auto matcher = match::Matcher::create(test::small_signatures());
  REQUIRE(matcher.has_value());
  MemorySource source(as_bytes(bytes));
  std::atomic<std::uint64_t> pulse = 0;
  Aside aside((*matcher)->shared_signatures(), [&] { return threads; }, &pulse);
  Examined found;
  found.record = examine::examine(layer(), source, **matcher, limits, nullptr, &aside);
  found.spoiled = aside.spoiled();
  found.aside = pulse;
  return found;
}

// Members of all sizes, with hits, gaps and anomalies in and between them.
std::vector<test::TarSpec> members() {
  std::vector<test::TarSpec> specs;
  for (std::size_t i = 0; i < 60; ++i) {
    std::string body = filling(i);
    if (i % 3 == 0) body.insert(body.size() / 2, kMarker + "\n");
    if (i % 5 == 1) body += "stratum+tcp://pool" + std::to_string(i) + ".example:3333\n";
    if (i % 7 == 2)
      body += "x = '" + test::base64_of(kMarker + " is hidden well enough here") + "'\n";
    if (i % 11 == 3) body = test::gzip(body + kMarker).substr(0, i % 2 == 0 ? 400 : 4000);
    if (i % 4 == 3) body = i % 8 == 3 ? kMarker : "small";
    if (i % 13 == 5) body = test::tar({{"in/a", body}, {"in/b", kMarker}, {"in/a", filling(1)}});
    const std::string name = i % 9 == 4 ? "usr/bin/xmrig" : "srv/file" + std::to_string(i);
    specs.push_back({.name = name, .body = body, .bad_checksum = i == 41});
  }
  return specs;
}

}  // namespace

TEST_CASE("aside: a record is the same to the byte, whatever helps") {
  const std::string archive = test::tar(members());
  for (const std::string& bytes : {archive, test::gzip(archive)}) {
    const Record expected = alone(bytes);
    CHECK(expected.evidence.size() > 30);
    CHECK(!expected.gaps.empty());
    for (const unsigned threads : {0U, 1U, 3U, kMostThreadsAside + 5}) {
      for (int again = 0; again < 3; ++again) {
        const Examined found = helped(bytes, threads);
        CHECK_FALSE(found.spoiled);
        CHECK((found.aside != 0) == (threads != 0));
        CHECK(found.record == expected);
      }
    }
  }
}

TEST_CASE("aside: an archive that is cut anywhere gives the same") {
  const std::string bytes = test::gzip(test::tar(members()));
  for (std::size_t size = 100; size < bytes.size(); size += bytes.size() / 13) {
    const std::string cut = bytes.substr(0, size);
    const Examined found = helped(cut, 2);
    CHECK_FALSE(found.spoiled);
    CHECK(found.record == alone(cut));
  }
}

TEST_CASE(
    "aside: a limit of the unit that parts reach together spoils it, and one not reached no") {
  std::vector<test::TarSpec> many;
  for (int i = 0; i < 8; ++i) {
    std::vector<test::TarSpec> inner;
    for (int n = 0; n < 100; ++n) inner.push_back({.name = std::to_string(n), .body = "x"});
    inner.push_back({.name = "large", .body = filling(1)});
    many.push_back({.name = "a" + std::to_string(i) + ".tar", .body = test::tar(inner)});
  }
  const std::string bytes = test::tar(many);
  Limits limits;
  limits.unit_entries = 8 * 102;
  CHECK(helped(bytes, 3, limits).record == alone(bytes, limits));
  CHECK_FALSE(helped(bytes, 3, limits).spoiled);
  limits.unit_entries -= 1;
  CHECK(helped(bytes, 3, limits).spoiled);
  limits = {};
  const Ledger sums = alone(bytes).ledger;
  limits.unit_bytes = sums.scanned + sums.gap;
  CHECK_FALSE(helped(bytes, 3, limits).spoiled);
  limits.unit_bytes -= 1;
  const Examined over = helped(bytes, 3, limits);
  // The walk may reach that limit itself, with the archive's last own bytes.
  CHECK((over.spoiled || over.record == alone(bytes, limits)));
  limits.unit_bytes /= 2;
  CHECK(helped(bytes, 3, limits).spoiled);
}

TEST_CASE("aside: decoded bytes of a unit are counted over all parts") {
  std::vector<test::TarSpec> specs;
  std::uint64_t hidden = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::string secret = "echo nothing to see in number " + std::to_string(i) + "\n";
    specs.push_back({.name = "f" + std::to_string(i) + ".sh",
                     .body = "#!/bin/sh\necho " + test::base64_of(secret) + "\n" + filling(i)});
    hidden += secret.size();
  }
  const std::string bytes = test::tar(specs);
  Limits limits;
  limits.derived_unit_bytes = hidden;
  CHECK_FALSE(helped(bytes, 2, limits).spoiled);
  CHECK(helped(bytes, 2, limits).record == alone(bytes, limits));
  limits.derived_unit_bytes -= 1;
  CHECK(helped(bytes, 2, limits).spoiled);
}

TEST_CASE(
    "recorder: what another one holds is taken as if it had been recorded here, or not at all") {
  const Trail trail{{{Step::Kind::unit, "unit"}, {Step::Kind::member, "a"}}};
  Recorder all, part;
  all.anomaly(trail, "first 1");
  part.anomaly({{{Step::Kind::unit, "unit"}, {Step::Kind::member, "b"}}}, "first 2");
  part.gap({.trail = trail, .reason = GapReason::decode_corrupt, .bytes = 3});
  part.ledger().gap = 3;
  CHECK(all.take(part));
  Recorder like;
  like.anomaly(trail, "first 3");  // counted together with the first
  like.gap({.trail = trail, .reason = GapReason::decode_corrupt});
  CHECK_FALSE(all.take(like));
  const Record record = all.finish();
  CHECK(record.anomalies.size() == 2);
  CHECK(record.gaps.size() == 1);
  CHECK(record.ledger.gap == 3);
}

TEST_CASE("aside: a worker that threads cannot help is lost, and one they can is not") {
  const auto matcher = match::Matcher::create(test::small_signatures());
  REQUIRE(matcher.has_value());
  Limits limits;
  limits.unit_entries = 150;
  auto process = worker::Nursery::start({.matcher = matcher->get(), .limits = limits, .told = {}});
  REQUIRE(process.has_value());
  worker::Desk desk(**process, std::chrono::seconds(60));
  const std::atomic<unsigned> spare = 3;
  const std::string good = test::gzip(test::tar(members()));
  MemorySource source(as_bytes(good));
  const auto done = desk.examine({.unit = layer()}, source, nullptr, 0, &spare);
  REQUIRE(done.record.has_value());
  CHECK(*done.record == alone(good, limits));

  std::vector<test::TarSpec> inner;
  for (int n = 0; n < 100; ++n) inner.push_back({.name = std::to_string(n), .body = "x"});
  inner.push_back({.name = "large", .body = filling(1)});
  const std::string bad = test::tar(
      {{.name = "a.tar", .body = test::tar(inner)}, {.name = "b.tar", .body = test::tar(inner)}});
  MemorySource second(as_bytes(bad)), third(as_bytes(bad));
  CHECK_FALSE(desk.examine({.unit = layer()}, second, nullptr, 0, &spare).record.has_value());
  const auto again = desk.examine({.unit = layer()}, third, nullptr);
  REQUIRE(again.record.has_value());
  CHECK(*again.record == alone(bad, limits));
}
