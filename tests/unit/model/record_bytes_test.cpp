#include "model/record_bytes.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "base/wire.h"
#include "support/sample_record.h"

using namespace minescan;

TEST_CASE("record bytes: a record comes back with every field") {
  const Record record = test::sample_record();
  const auto again = record_from_bytes(as_bytes(record_to_bytes(record)));
  REQUIRE(again.has_value());
  CHECK(*again == record);
  const auto empty = record_from_bytes(as_bytes(record_to_bytes({})));
  REQUIRE(empty.has_value());
  CHECK(*empty == Record{});
}

TEST_CASE("record bytes: every field makes a difference") {
  const std::vector<std::function<void(Record&)>> changes = {
      [](Record& r) { r.evidence[0].indicator += 'x'; },
      [](Record& r) { r.evidence[0].trail.steps[0].name += 'x'; },
      [](Record& r) { r.evidence[0].trail.steps[0].kind = Step::Kind::member; },
      [](Record& r) { r.evidence[0].trail.steps.pop_back(); },
      [](Record& r) { r.evidence[0].view = ViewKind::code; },
      [](Record& r) { ++r.evidence[0].offset; },
      [](Record& r) { ++r.evidence[0].length; },
      [](Record& r) { --r.evidence[0].line; },
      [](Record& r) { ++r.evidence[0].column; },
      [](Record& r) { r.evidence[0].captures["coin"] = "zec"; },
      [](Record& r) { r.evidence[0].excerpt += 'x'; },
      [](Record& r) { ++r.evidence[0].count; },
      [](Record& r) { r.evidence.pop_back(); },
      [](Record& r) { r.contents[0].trail.steps.clear(); },
      [](Record& r) { r.contents[0].digest += 'x'; },
      [](Record& r) { r.gaps[0].trail.steps.clear(); },
      [](Record& r) { r.gaps[0].reason = GapReason::limit_bytes; },
      [](Record& r) { r.gaps[0].detail += 'x'; },
      [](Record& r) { ++r.gaps[0].offset; },
      [](Record& r) { ++r.gaps[0].bytes; },
      [](Record& r) { r.anomalies[0].trail.steps.clear(); },
      [](Record& r) { r.anomalies[0].what += 'x'; },
      [](Record& r) { r.paths[0].path += 'x'; },
      [](Record& r) { r.paths[0].kind = PathEntry::Kind::symlink; },
      [](Record& r) { r.paths[0].target += 'x'; },
      [](Record& r) { std::swap(r.paths[0], r.paths[1]); },
      [](Record& r) { ++r.ledger.bytes; },
      [](Record& r) { ++r.ledger.scanned; },
      [](Record& r) { ++r.ledger.decoded; },
      [](Record& r) { ++r.ledger.gap; },
      [](Record& r) { ++r.ledger.nodes; },
      [](Record& r) { ++r.ledger.files; },
      [](Record& r) { r.content_digest += 'x'; },
      [](Record& r) { r.packing += 'x'; },
  };
  std::set<std::string> seen = {record_to_bytes(test::sample_record())};
  for (const auto& change : changes) {
    Record record = test::sample_record();
    change(record);
    const std::string bytes = record_to_bytes(record);
    CHECK(seen.insert(bytes).second);
    const auto again = record_from_bytes(as_bytes(bytes));
    REQUIRE(again.has_value());
    CHECK(*again == record);
  }
}

TEST_CASE("record bytes: cut anywhere, or with a byte behind, they are no record") {
  const std::string bytes = record_to_bytes(test::sample_record());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    REQUIRE_FALSE(record_from_bytes(as_bytes(bytes.substr(0, size))).has_value());
  }
  CHECK_FALSE(record_from_bytes(as_bytes(bytes + '\0')).has_value());
}

TEST_CASE("record bytes: what is read is what is written, whatever byte was changed") {
  const std::string bytes = record_to_bytes(test::sample_record());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char change : {'\x01', '\x80', '\xff'}) {
      CAPTURE(at);
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ change);
      const auto record = record_from_bytes(as_bytes(changed));
      if (record) REQUIRE(record_to_bytes(*record) == changed);
    }
  }
}

TEST_CASE("record bytes: of another version they are no record") {
  std::string bytes = record_to_bytes({});
  ++bytes[0];
  CHECK_FALSE(record_from_bytes(as_bytes(bytes)).has_value());
}

TEST_CASE("record bytes: values outside of the closed lists are refused") {
  const std::string good = record_to_bytes(test::sample_record());
  // The last value of each list is in the sample; the next one is none.
  const auto refused = [&](std::uint64_t last, std::string_view behind) {
    WireWriter out;
    out.number(last);
    const std::string bytes = out.take() + std::string(behind);
    const std::size_t at = good.find(bytes);
    REQUIRE(at != std::string::npos);
    std::string changed = good;
    ++changed[at];
    return !record_from_bytes(as_bytes(changed)).has_value();
  };
  WireWriter offset;
  offset.text("@0x10");
  CHECK(refused(static_cast<std::uint64_t>(Step::Kind::offset), offset.take()));
  WireWriter match;
  match.number(0xfedcba9876543210);
  CHECK(refused(static_cast<std::uint64_t>(kLastView), match.take()));
  WireWriter detail;
  detail.text("a detail");
  CHECK(refused(static_cast<std::uint64_t>(GapReason::internal_error), detail.take()));
  WireWriter target;
  target.text("y");
  CHECK(refused(static_cast<std::uint64_t>(PathEntry::Kind::special), target.take()));
}

TEST_CASE("record bytes: captures out of order or twice are refused") {
  const auto with = [](const std::string& first, const std::string& second) {
    Record record;
    record.evidence.push_back({.captures = {{"aaaa", "1"}, {"bbbb", "2"}}});
    std::string bytes = record_to_bytes(record);
    const std::size_t a = bytes.find("aaaa");
    const std::size_t b = bytes.find("bbbb");
    bytes.replace(a, 4, first);
    bytes.replace(b, 4, second);
    return record_from_bytes(as_bytes(bytes)).has_value();
  };
  CHECK(with("aaaa", "bbbb"));
  CHECK_FALSE(with("bbbb", "aaaa"));
  CHECK_FALSE(with("aaaa", "aaaa"));
}

TEST_CASE("record bytes: a list that claims more than there is takes no memory") {
  WireWriter out;
  out.number(1);
  out.number(std::uint64_t{1} << 60);
  CHECK_FALSE(record_from_bytes(as_bytes(out.take())).has_value());
}
