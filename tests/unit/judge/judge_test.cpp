#include "judge/judge.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

#include "judge/findings.h"
#include "judge/knowledge.h"
#include "support/judging.h"

using namespace minescan;
using test::evidence;
using test::rule;
using test::seen;
using test::trail;

namespace {

struct Case {
  Artifact artifact;
  std::vector<Record> records;
  std::vector<Error> failures;
  std::deque<Rule> rules;
  judge::Policy policy;

  Case() { artifact.name = "registry.example/team/app:1.2"; }

  Record& unit(Unit::Kind kind, std::string name) {
    Unit unit;
    unit.kind = kind;
    unit.name = std::move(name);
    unit.size = 10;
    artifact.units.push_back(unit);
    Record record;
    record.ledger = {.bytes = 100, .scanned = 100, .nodes = 1, .files = 1};
    records.push_back(record);
    return records.back();
  }
  [[nodiscard]] Report report() const {
    judge::Knowledge knowledge;
    for (const Rule& one : rules) knowledge.rules.push_back(&one);
    return judge::judge(artifact, records, failures, knowledge, policy);
  }
};

// An image of layers "layer 0", "layer 1" … that list these paths.
Case image(const std::vector<std::vector<PathEntry>>& layers) {
  Case test;
  test.artifact.kind = Artifact::Kind::image;
  Image image;
  image.platform = {"linux", "amd64", ""};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string number = std::to_string(i);
    test.unit(Unit::Kind::layer, "layer " + number).paths = layers[i];
    LayerUse use;
    use.unit = i;
    use.digest = "sha256:" + number;
    use.command = "RUN step " + number;
    image.layers.push_back(use);
  }
  test.artifact.images.push_back(image);
  test.rules.push_back(rule("MSN1001", seen("a")));
  return test;
}

PathEntry file(std::string path) { return {std::move(path), PathEntry::Kind::file, {}}; }

}  // namespace

TEST_CASE("judge: a finding in a deleted file keeps its level and says which layer deletes it") {
  Case test = image({{file("etc/y")}, {file("usr/bin/x")}, {file("usr/bin/.wh.x")}});
  test.records[1].evidence = {evidence("a", trail("layer 1", {"./usr/bin/x"}))};
  const Report report = test.report();
  REQUIRE(report.findings.size() == 1);
  const Finding& finding = report.findings[0];
  CHECK(finding.level == Level::error);
  CHECK(finding.state == State::deleted);
  CHECK(finding.path == "usr/bin/x");
  REQUIRE(finding.places.size() == 1);
  CHECK(finding.places[0].platform == "linux/amd64");
  CHECK(finding.places[0].layer_index == 1);
  CHECK(finding.places[0].layer_count == 3);
  CHECK(finding.places[0].layer_digest == "sha256:1");
  CHECK(finding.places[0].command == "RUN step 1");
  CHECK(finding.places[0].hidden_by == "layer 3 of 3: RUN step 2");
  CHECK(finding.message ==
        "A miner, found in 'usr/bin/x' of layer 2 of 3 (deleted by layer 3 of 3).");
  CHECK(report.exit_code == 1);
}

TEST_CASE("judge: a unit that several platforms use is one finding with several places") {
  Case test = image({{file("x")}, {file(".wh.x")}});
  test.records[0].evidence = {evidence("a", trail("layer 0", {"x"}))};
  Image arm;
  arm.platform = {"linux", "arm64", "v8"};
  arm.layers = {test.artifact.images[0].layers[0]};
  test.artifact.images.push_back(arm);
  const Report report = test.report();
  REQUIRE(report.findings.size() == 1);
  const Finding& finding = report.findings[0];
  REQUIRE(finding.places.size() == 2);
  CHECK(finding.places[0].state == State::deleted);
  CHECK(finding.places[1].state == State::present);
  CHECK(finding.places[1].platform == "linux/arm64/v8");
  CHECK(finding.state == State::present);
  CHECK(finding.message ==
        "A miner, found in 'x' of layer 1 of 2 (deleted by layer 2 of 2) for linux/amd64 and in "
        "1 more place.");
}

TEST_CASE("judge: a layer that an image lists twice is one unit with two places") {
  Case test = image({{file("x")}, {file("y")}});
  test.artifact.images[0].layers.push_back(test.artifact.images[0].layers[0]);
  test.records[0].evidence = {evidence("a", trail("layer 0", {"x"}))};
  const Report report = test.report();
  REQUIRE(report.findings.size() == 1);
  REQUIRE(report.findings[0].places.size() == 2);
  CHECK(report.findings[0].places[0].state == State::overwritten);
  CHECK(report.findings[0].places[1].state == State::present);
}

TEST_CASE("judge: a finding in the config names the part of it") {
  Case test = image({{file("x")}});
  test.unit(Unit::Kind::image_config, "config sha256:c").evidence = {evidence(
      "a", trail("config sha256:c") / Step{Step::Kind::view, "Entrypoint"}, 0, ViewKind::argv)};
  test.artifact.images[0].config = 1;
  const Report report = test.report();
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].path == "");
  CHECK(report.findings[0].places.at(0).layer_digest == "");
  CHECK(report.findings[0].message == "A miner, found in 'Entrypoint' of the image configuration.");
}

TEST_CASE("judge: nested members and copies are named in the sentence and have their state") {
  Case test = image({{file("a.jar"), file("a.jar")}});
  const Trail shadowed = trail("layer 0", {"a.jar"}) / Step{Step::Kind::offset, "copy 1"} /
                         Step{Step::Kind::member, "b/C"};
  test.records[0].evidence = {evidence("a", shadowed)};
  const Report report = test.report();
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].state == State::unreachable);
  CHECK(report.findings[0].message ==
        "A miner, found in 'a.jar › b/C' of layer 1 of 1 (no extraction yields it: a later entry "
        "of the same layer takes its place).");
}

TEST_CASE("judge: ids survive new tags, digests, layers and offsets") {
  Case one = image({{file("x")}});
  one.records[0].evidence = {evidence("a", trail("layer 0", {"x"}), 7)};
  Case two = image({{file("y")}, {file("x")}});
  two.artifact.name = "registry.example/team/app:2.0@sha256:00";
  two.records[1].evidence = {evidence("a", trail("layer 1", {"./x"}), 99)};
  const std::string id = one.report().findings.at(0).id;
  CHECK(id == two.report().findings.at(0).id);
  CHECK(id.size() == 16);

  Case other = image({{file("x")}});
  other.artifact.name = "registry.example/team/other:1.2";
  other.records[0].evidence = one.records[0].evidence;
  CHECK(id != other.report().findings.at(0).id);
  one.records[0].evidence = {evidence("a", trail("layer 0", {"y"}))};
  CHECK(id != one.report().findings.at(0).id);
}

TEST_CASE("judge: equal ids are numbered from the lowest layer up") {
  Case test = image({{file("x")}, {file("x")}});
  test.records[0].evidence = {evidence("a", trail("layer 0", {"x"}), 50)};
  test.records[1].evidence = {evidence("a", trail("layer 1", {"x"}), 3)};
  const Report report = test.report();
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].places[0].layer_index == 0);
  CHECK(report.findings[1].id == report.findings[0].id + "-2");
}

TEST_CASE("judge: findings come worst first, then by path and rule") {
  Case test;
  test.rules.push_back(rule("MSN1002", seen("a")));
  test.rules.push_back(rule("MSN1001", seen("a")));
  test.rules.push_back(rule("MSN4001", seen("n"), Scope::file, Level::note));
  test.unit(Unit::Kind::file, "u").evidence = {evidence("n", trail("u", {"a"})),
                                               evidence("a", trail("u", {"z"})),
                                               evidence("a", trail("u", {"b"}))};
  std::string order;
  for (const Finding& finding : test.report().findings) {
    order += finding.rule->id + ":" + finding.path + " ";
  }
  CHECK(order == "MSN1001:b MSN1002:b MSN1001:z MSN1002:z MSN4001:a ");
}

TEST_CASE("judge: what looks like a credential does not get into the report") {
  Case test = image({{file("x")}, {file(".wh.x")}});
  Evidence found = evidence("a", trail("layer 0", {"x"}));
  found.excerpt = "API_TOKEN=0123456789 xmrig";
  found.captures = {{"url", "http://u:hunter22@pool.example"}};
  test.records[0].evidence = {found};
  for (LayerUse& layer : test.artifact.images[0].layers) {
    layer.command = "RUN PASSWORD=hunter2222 make";
  }
  const Report report = test.report();
  CHECK(report.artifact.images[0].layers[0].command == "RUN PASSWORD=*** make");
  const Finding& finding = report.findings.at(0);
  CHECK(finding.evidence[0].excerpt == "API_TOKEN=*** xmrig");
  CHECK(finding.evidence[0].captures.at("url") == "http://u:***@pool.example");
  CHECK(finding.places[0].command == "RUN PASSWORD=*** make");
  CHECK(finding.places[0].hidden_by == "layer 2 of 2: RUN PASSWORD=*** make");
}

TEST_CASE("judge: a command of megabytes is not repeated with every finding") {
  Case test = image({{file("x")}});
  test.records[0].evidence = {evidence("a", trail("layer 0", {"x"}))};
  test.artifact.images[0].layers[0].command = std::string(1'000'000, 'c');
  const Report report = test.report();
  CHECK(report.findings.at(0).places[0].command == std::string(1024, 'c') + "…");
  CHECK(report.artifact.images[0].layers[0].command.size() == 1'000'000);
}

TEST_CASE("judge: coverage sums the ledgers and sorts all gaps") {
  Case test;
  test.unit(Unit::Kind::file, "b").gaps = {{trail("b"), GapReason::decode_corrupt, "broken", 5, 9}};
  test.unit(Unit::Kind::file, "a").gaps = {{trail("a"), GapReason::limit_depth, "deep", 0, 3}};
  test.artifact.gaps = {{trail("c"), GapReason::net_foreign, "elsewhere", 0, 0}};
  const Coverage coverage = test.report().coverage;
  CHECK(coverage.units == 2);
  CHECK(coverage.unit_bytes == 20);
  CHECK(coverage.ledger.bytes == 200);
  CHECK(coverage.ledger.files == 2);
  CHECK_FALSE(coverage.complete);
  REQUIRE(coverage.gaps.size() == 3);
  CHECK(coverage.gaps[0].detail == "deep");
  CHECK(coverage.gaps[2].detail == "elsewhere");
}

TEST_CASE("judge: a media type that does not fit is an anomaly, where somebody wrote it") {
  Case test = image({{file("x")}});
  Unit& unit = test.artifact.units[0];
  const auto oddities = [&](const std::string& type, const std::string& packing) {
    unit.media_type = type;
    test.records[0].packing = packing;
    return test.report().anomalies.size();
  };
  test.records[0].unit_bytes = 9;
  CHECK(oddities("application/vnd.oci.image.layer.v1.tar+gzip", "gzip") == 0);
  CHECK(oddities("application/vnd.oci.image.layer.v1.tar+gzip", "zstd") == 1);
  CHECK(oddities("application/vnd.oci.image.layer.v1.tar+zstd", "") == 1);
  CHECK(oddities("application/vnd.oci.image.layer.v1.tar", "gzip") == 1);
  CHECK(oddities("application/vnd.docker.image.rootfs.diff.tar.gzip", "gzip") == 0);
  CHECK(oddities("application/vnd.docker.image.rootfs.diff.tar.gzip", "") == 1);
  CHECK(oddities("application/vnd.docker.image.rootfs.diff.tar", "gzip") == 0);
  CHECK(oddities("application/x", "gzip") == 0);
}

TEST_CASE("judge: a diffID that is not what the layer holds is no verdict, said once") {
  Case test = image({{file("x")}});
  test.records[0].content_digest = "sha256:is";
  test.artifact.images[0].layers[0].diff_id = "sha256:promised";
  test.artifact.images.push_back(test.artifact.images[0]);
  const Report report = test.report();
  REQUIRE(report.anomalies.size() == 1);
  CHECK(report.anomalies[0].trail == trail("layer 0"));
  CHECK(report.anomalies[0].what ==
        "the unpacked layer has digest sha256:is, but the config promises diffID sha256:promised");
  REQUIRE(report.failures.size() == 1);
  CHECK(report.failures[0].code == Code::integrity);
  CHECK(report.exit_code == 2);
  test.artifact.images[0].layers[0].diff_id = test.artifact.images[1].layers[0].diff_id =
      "sha256:is";
  CHECK(test.report().anomalies.empty());
  CHECK(test.report().failures.empty());
}

TEST_CASE("exit code: 0 complete, 1 findings, 2 no verdict, 3 incomplete, findings first") {
  Case test;
  test.rules.push_back(rule("MSN1001", seen("e")));
  test.rules.push_back(rule("MSN4001", seen("n"), Scope::file, Level::note));
  test.unit(Unit::Kind::file, "u");
  CHECK(test.report().exit_code == 0);

  test.records[0].evidence = {evidence("n", trail("u"))};
  CHECK(test.report().exit_code == 0);
  test.policy.fail_on = Level::note;
  CHECK(test.report().exit_code == 1);
  test.policy.fail_on = Level::warning;

  test.records[0].gaps = {{trail("u"), GapReason::net_platform, "left out", 0, 0}};
  CHECK(test.report().exit_code == 0);
  CHECK(test.report().coverage.complete);
  test.records[0].gaps.push_back({trail("u"), GapReason::decode_corrupt, "broken", 0, 1});
  CHECK(test.report().exit_code == 3);

  test.failures = {{Code::integrity, "the digest is wrong"}};
  CHECK(test.report().exit_code == 2);
  CHECK_FALSE(test.report().coverage.complete);

  test.records[0].evidence.push_back(evidence("e", trail("u")));
  CHECK(test.report().exit_code == 1);
}

TEST_CASE("exit code: scanning nothing is never 0") {
  Case test;
  CHECK(test.report().exit_code == 2);
  test.unit(Unit::Kind::file, "u").ledger = {};
  CHECK(test.report().exit_code == 2);
  test.records[0].ledger.nodes = 1;  // an empty file was looked at
  CHECK(test.report().exit_code == 0);
}

TEST_CASE("judge: the same input gives the same report whatever the order of evidence") {
  Case test = image({{file("x"), file("y")}, {file("x")}});
  for (const char* path : {"y", "x"}) {
    for (std::uint64_t offset : {30u, 10u, 20u}) {
      test.records[0].evidence.push_back(evidence("a", trail("layer 0", {path}), offset));
    }
  }
  Case turned = test;
  std::reverse(turned.records[0].evidence.begin(), turned.records[0].evidence.end());
  const Report one = test.report(), two = turned.report();
  REQUIRE(one.findings.size() == two.findings.size());
  for (std::size_t i = 0; i < one.findings.size(); ++i) {
    CHECK(one.findings[i].id == two.findings[i].id);
    CHECK(one.findings[i].message == two.findings[i].message);
    CHECK(one.findings[i].evidence == two.findings[i].evidence);
  }
}
