// The whole of examining, with the built-in signatures: no crash, sums that add up, and the same
// record however the bytes arrive.  The first byte picks what the unit is.

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "examine/aside.h"
#include "examine/examine.h"
#include "fuzz/expect.h"
#include "match/pack.h"
#include "model/record_bytes.h"
#include "support/stingy_source.h"

namespace {

using namespace minescan;
using fuzz::expect;

std::unique_ptr<match::Matcher> make_matcher() {
  auto signatures = match::SignatureSet::from_pack(match::built_in_pack());
  expect(signatures.has_value(), "the built-in signatures load");
  auto matcher = match::Matcher::create(*signatures);
  expect(matcher.has_value(), "a matcher is made");
  return std::move(*matcher);
}

// Small, so that bombs do not make fuzzing slow.
Limits small_limits() {
  Limits limits;
  limits.leaf_bytes = std::uint64_t{1} << 20;
  limits.unit_bytes = std::uint64_t{4} << 20;
  limits.depth = 8;
  limits.entries = 500;
  limits.unit_entries = 1000;
  limits.decoder_memory = std::uint64_t{16} << 20;
  limits.derived_unit_bytes = std::uint64_t{1} << 20;
  limits.derived_per_file = 200;
  return limits;
}

Record record_of(const Unit& unit, Source& source) {
  static const auto matcher = make_matcher();
  static const Limits limits = small_limits();
  return examine::examine(unit, source, *matcher, limits);
}

// With threads that take whatever member they can; nullopt when they cannot help.
std::optional<Record> helped_record_of(const Unit& unit, Source& source) {
  static const auto matcher = make_matcher();
  static const Limits limits = small_limits();
  static std::atomic<std::uint64_t> pulse = 0;
  static examine::Aside aside(
      matcher->shared_signatures(), [] { return 2U; }, &pulse, 0);
  Record record = examine::examine(unit, source, *matcher, limits, nullptr, &aside);
  if (aside.spoiled()) return std::nullopt;
  return record;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Unit unit;
  unit.kind = static_cast<Unit::Kind>(data[0] % 5);
  unit.name = unit.kind == Unit::Kind::file ? "a.sh" : "unit";
  MemorySource generous(as_bytes(bytes));
  const Record record = record_of(unit, generous);
  const Ledger& sums = record.ledger;
  expect(sums.scanned + sums.decoded + sums.gap == sums.bytes, "the sums do not add up");
  for (const Gap& gap : record.gaps) {
    expect(gap.reason != GapReason::internal_error, gap.detail);
  }
  test::StingySource stingy(bytes);
  expect(record_to_bytes(record_of(unit, stingy)) == record_to_bytes(record),
         "a record depends on how its bytes arrive");
  MemorySource again(as_bytes(bytes));
  const auto helped = helped_record_of(unit, again);
  expect(!helped || record_to_bytes(*helped) == record_to_bytes(record),
         "a record depends on threads that help");
  return 0;
}
