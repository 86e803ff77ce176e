// Judging of what others wrote: records that a worker sends, policies, reports, excerpts.  The
// first byte picks: 'p' a policy, 'b' a report that is a baseline, 'm' an excerpt, anything else a
// record.

#include <set>
#include <string>

#include "fuzz/expect.h"
#include "judge/knowledge.h"
#include "judge/mask.h"
#include "judge/policy.h"
#include "model/record_bytes.h"
#include "support/judging.h"

namespace {

using namespace minescan;
using fuzz::expect;
using Kind = Condition::Kind;

constexpr const char* kToday = "2026-11-30";

const judge::Knowledge& knowledge() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> made = {
        test::rule("MSN1001", test::seen("a")),
        test::rule("MSN1002", test::combine(Kind::all, {test::seen("a"), test::seen("b")})),
        test::rule(
            "MSN1003",
            test::combine(Kind::at_least, {test::seen("a"), test::seen("b"), test::seen("c")}, 2),
            Scope::directory, Level::warning),
        test::rule("MSN1004", test::combine(Kind::any, {test::seen("b"), test::seen("c")}),
                   Scope::artifact, Level::note),
        test::rule("MSN1005", test::seen("c"), Scope::view),
    };
    made[1].within = 100;
    made[2].same = "host";
    made[3].files = 2;
    made[4].distinct = {"host", 2};
    made[4].supersedes = {"MSN1004"};
    return made;
  }();
  static const judge::Knowledge known = [] {
    judge::Knowledge all;
    for (const Rule& rule : rules) all.rules.push_back(&rule);
    return all;
  }();
  return known;
}

// Two layers that both are the record's unit, and a configuration.
Artifact image() {
  Artifact artifact;
  artifact.kind = Artifact::Kind::image;
  artifact.name = "registry.example/team/app:1";
  Image image;
  for (std::size_t i = 0; i < 2; ++i) {
    Unit unit;
    unit.kind = Unit::Kind::layer;
    unit.name = "layer " + std::to_string(i);
    artifact.units.push_back(unit);
    LayerUse use;
    use.unit = i;
    image.layers.push_back(use);
  }
  artifact.images.push_back(image);
  return artifact;
}

void judge_record(const Record& record) {
  const std::vector<Record> records = {record, record};
  for (const Artifact::Kind kind : {Artifact::Kind::image, Artifact::Kind::tree}) {
    Artifact artifact = image();
    artifact.kind = kind;
    if (kind != Artifact::Kind::image) artifact.images.clear();
    const Report report = judge::judge(artifact, records, {}, knowledge(), {});
    expect(report.exit_code >= 0 && report.exit_code <= 3, "an exit code is one of four");
    expect(report.coverage.complete || !record.gaps.empty(), "without a gap all was seen");
    std::set<std::string> ids;
    for (const Finding& finding : report.findings) {
      expect(finding.rule != nullptr && finding.id.size() >= 16 && !finding.evidence.empty(),
             "a finding is whole");
      expect(ids.insert(finding.id).second, "no two findings have one id");
      static_cast<void>(judge::finding_key(finding, true));
    }
  }
}

void policy(std::string_view text) {
  const auto parsed = judge::parse_policy("policy.yaml", as_bytes(text), kToday);
  if (!parsed) {
    expect(parsed.error().code == Code::usage && !parsed.error().what.empty(), "an error is said");
    return;
  }
  for (const judge::Ignored& entry : parsed->ignored) {
    expect(!entry.rule.empty() && !entry.path.empty() && !entry.reason.empty(), "all is there");
    expect(entry.line > 0 && entry.expires <= "2027-11-30", "an entry ends within a year");
  }
  Report report;
  judge::apply_ignored(*parsed, kToday, report);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'p':
      policy(text);
      break;
    case 'b':
      static_cast<void>(judge::ids_in_report("report.json", as_bytes(text)));
      break;
    case 'm':
      expect(judge::masked(text).size() <= 4 * text.size() + 16, "masking does not inflate");
      break;
    default:
      if (const auto record = record_from_bytes(as_bytes(text))) judge_record(*record);
      break;
  }
  return 0;
}
