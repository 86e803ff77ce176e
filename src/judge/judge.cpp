#include "judge/judge.h"

#include <algorithm>

#include "base/check.h"
#include "judge/clusters.h"
#include "judge/findings.h"
#include "judge/installed.h"
#include "judge/knowledge.h"
#include "judge/mask.h"
#include "judge/rules.h"

namespace minescan::judge {
namespace {

Coverage make_coverage(const Artifact& artifact, const std::vector<Record>& records,
                       bool has_failures) {
  Coverage coverage;
  coverage.units = artifact.units.size();
  coverage.gaps = artifact.gaps;
  for (const Unit& unit : artifact.units) coverage.unit_bytes += unit.size;
  for (const Record& record : records) {
    coverage.ledger += record.ledger;
    coverage.gaps.insert(coverage.gaps.end(), record.gaps.begin(), record.gaps.end());
  }
  std::sort(coverage.gaps.begin(), coverage.gaps.end());
  coverage.complete = is_complete(coverage.gaps, has_failures);
  return coverage;
}

// A config that promises other bytes than the layer holds shows people one thing and runs another.
std::vector<Anomaly> wrong_diff_ids(const Artifact& artifact, const std::vector<Record>& records) {
  std::vector<Anomaly> anomalies;
  for (const Image& image : artifact.images) {
    for (const LayerUse& layer : image.layers) {
      if (layer.unit >= records.size()) continue;
      const std::string& actual = records[layer.unit].content_digest;
      if (layer.diff_id.empty() || actual.empty() || layer.diff_id == actual) continue;
      anomalies.push_back({Trail{{{Step::Kind::unit, artifact.units[layer.unit].name}}},
                           "the unpacked layer has digest " + actual +
                               ", but the config promises diffID " + layer.diff_id});
    }
  }
  std::sort(anomalies.begin(), anomalies.end());
  anomalies.erase(std::unique(anomalies.begin(), anomalies.end()), anomalies.end());
  return anomalies;
}

// The compression that a media type states; nothing where it does not, or where nobody wrote it:
// the layers of a saved image have the type that the program gives them.
std::optional<std::string> stated_packing(std::string_view type) {
  if (type.starts_with("application/vnd.oci.image.layer.") && type.ends_with(".tar")) return "";
  for (const std::string_view name : {"gzip", "zstd"}) {
    if (type.ends_with("+" + std::string(name)) || type.ends_with(".tar." + std::string(name))) {
      return std::string(name);
    }
  }
  return std::nullopt;
}

// Readers that go by the type see nothing of such a layer.
void check_media_types(const Artifact& artifact, const std::vector<Record>& records,
                       std::vector<Anomaly>& anomalies) {
  const auto shown = [](const std::string& packing) {
    return packing.empty() ? std::string("not packed") : "packed with " + packing;
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Unit& unit = artifact.units[i];
    // What could not be read has no packing.
    if (unit.kind != Unit::Kind::layer || records[i].unit_bytes == 0) continue;
    const auto stated = stated_packing(unit.media_type);
    if (!stated || *stated == records[i].packing) continue;
    anomalies.push_back({Trail{{{Step::Kind::unit, unit.name}}},
                         "the layer's media type says that it is " + shown(*stated) +
                             ", but it is " + shown(records[i].packing)});
  }
}

std::vector<Anomaly> make_anomalies(const Artifact& artifact, const std::vector<Record>& records) {
  std::vector<Anomaly> anomalies;
  for (const Record& record : records) {
    anomalies.insert(anomalies.end(), record.anomalies.begin(), record.anomalies.end());
  }
  for (Anomaly& one : wrong_diff_ids(artifact, records)) anomalies.push_back(std::move(one));
  check_media_types(artifact, records, anomalies);
  std::sort(anomalies.begin(), anomalies.end());
  anomalies.erase(std::unique(anomalies.begin(), anomalies.end()), anomalies.end());
  return anomalies;
}

// Build steps hold passwords more often than one would wish.
void mask_commands(Artifact& artifact) {
  for (Image& image : artifact.images) {
    for (LayerUse& layer : image.layers) layer.command = masked(layer.command);
  }
}

bool scanned_nothing(const Coverage& coverage) {
  return coverage.units == 0 || (coverage.ledger.nodes == 0 && coverage.ledger.bytes == 0);
}

}  // namespace

match::Strength Knowledge::strength(const std::string& indicator) const {
  const auto found = strengths.find(indicator);
  return found == strengths.end() ? match::Strength::supporting : found->second;
}

Report judge(Artifact artifact, const std::vector<Record>& records, std::vector<Error> failures,
             const Knowledge& knowledge, const Policy& policy) {
  MINESCAN_CHECK(records.size() == artifact.units.size());
  Report report;
  for (const Anomaly& one : wrong_diff_ids(artifact, records)) {
    failures.push_back({Code::integrity, one.trail.steps.front().name + ": " + one.what});
  }
  report.coverage = make_coverage(artifact, records, !failures.empty());
  report.anomalies = make_anomalies(artifact, records);
  report.findings = make_findings(artifact, records, evaluate(artifact, records, knowledge));
  name_packages(artifact, records, report.findings);
  report.clusters = make_clusters(records, report.findings, report.clusters_left_out);
  mask_commands(artifact);
  report.artifact = std::move(artifact);
  report.failures = std::move(failures);
  report.fail_on = policy.fail_on;
  report.signatures_digest = knowledge.digest;
  report.signatures_pack = knowledge.pack;
  report.signatures_count = knowledge.rules.size();
  report.rules = knowledge.rules;
  report.exit_code = exit_code(report);
  return report;
}

namespace {

Knowledge knowledge_of(const match::SignatureSet& signatures) {
  Knowledge knowledge;
  knowledge.digest = signatures.digest();
  knowledge.pack = signatures.pack();
  for (const match::RuleSource& source : signatures.rules())
    knowledge.rules.push_back(&source.rule);
  for (const match::ContextSource& source : signatures.contexts()) {
    knowledge.contexts.push_back(&source.context);
  }
  std::sort(knowledge.rules.begin(), knowledge.rules.end(),
            [](const Rule* a, const Rule* b) { return a->id < b->id; });
  for (const match::Indicator& indicator : signatures.indicators()) {
    knowledge.strengths[indicator.id] = indicator.strength;
  }
  return knowledge;
}

}  // namespace

Report judge(Artifact artifact, const std::vector<Record>& records, std::vector<Error> failures,
             const match::SignatureSet& signatures, const Policy& policy) {
  return judge(std::move(artifact), records, std::move(failures), knowledge_of(signatures), policy);
}

std::vector<std::string> contexts_in(const Artifact& artifact, const std::vector<Record>& records,
                                     const match::SignatureSet& signatures) {
  return contexts_in(artifact, records, knowledge_of(signatures));
}

bool is_complete(const std::vector<Gap>& gaps, bool has_failures) {
  return !has_failures && std::none_of(gaps.begin(), gaps.end(), is_open);
}

int exit_code(const Report& report) {
  const bool found =
      std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
        return finding.level >= report.fail_on && !finding.suppressed;
      });
  if (found) return 1;
  // Where nothing was changed a gate has nothing to scan; what it could not scan is a gap.
  const bool nothing = !report.review && scanned_nothing(report.coverage);
  if (!report.failures.empty() || nothing) return 2;
  return report.coverage.complete ? 0 : 3;
}

}  // namespace minescan::judge
