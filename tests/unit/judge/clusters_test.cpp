#include "judge/clusters.h"

#include <doctest/doctest.h>

#include "support/judging.h"

using namespace minescan;
using test::evidence;
using test::trail;

namespace {

Evidence wallet(const Trail& where, const std::string& value) {
  Evidence made = evidence("wallet-xmr", where);
  made.captures = {{"wallet", value}, {"coin", "XMR"}};
  return made;
}

Evidence account(const Trail& where, const std::string& value) {
  Evidence made = evidence("miner-command", where);
  made.captures = {{"user", value}};
  return made;
}

Finding found(const std::string& id, const Trail& where, Level level) {
  Finding finding;
  finding.id = id;
  finding.level = level;
  finding.trail = where;
  return finding;
}

const Trail kOne = trail("u", {"a.sh"});
const Trail kTwo = trail("u", {"b.json"});
const Trail kThree = trail("v", {"c"});

Record record(std::vector<Evidence> evidence) {
  Record record;
  record.evidence = std::move(evidence);
  return record;
}

std::vector<Cluster> clusters_of(const std::vector<Record>& records,
                                 const std::vector<Finding>& findings, std::size_t more = 0) {
  std::size_t left_out = 0;
  auto clusters = judge::make_clusters(records, findings, left_out);
  CHECK(left_out == more);
  return clusters;
}

}  // namespace

TEST_CASE("clusters: one wallet in files of two units, with what was found there") {
  const auto clusters =
      clusters_of({record({wallet(kOne, "4x"), wallet(kTwo, "4x"), wallet(kOne, "4y")}),
                   record({wallet(kThree, "4x")})},
                  {found("2", kOne, Level::error), found("1", kThree, Level::note)});
  REQUIRE(clusters.size() == 1);
  CHECK(clusters[0].kind == "wallet");
  CHECK(clusters[0].value == "4x");
  CHECK(clusters[0].coin == "XMR");
  CHECK(clusters[0].files == std::vector<Trail>{kOne, kTwo, kThree});
  CHECK(clusters[0].findings == std::vector<std::string>{"1", "2"});
}

TEST_CASE("clusters: the views of one file are one file") {
  const Trail decoded = kOne / Step{Step::Kind::decoder, "base64"};
  CHECK(clusters_of({record({wallet(kOne, "4x"), wallet(decoded, "4x")})},
                    {found("1", kOne, Level::error)})
            .empty());
}

TEST_CASE("clusters: addresses that only notes tell of are none") {
  CHECK(clusters_of({record({wallet(kOne, "4x"), wallet(kTwo, "4x")})},
                    {found("1", kOne, Level::note)})
            .empty());
}

TEST_CASE("clusters: accounts that say something, not x and not variables") {
  const auto of = [](const std::string& user) {
    return clusters_of({record({account(kOne, user), account(kTwo, user)})},
                       {found("1", kOne, Level::error)});
  };
  REQUIRE(of("somebody.rig").size() == 1);
  CHECK(of("somebody.rig").front().kind == "account");
  CHECK(of("x").empty());
  CHECK(of("$WALLET.rig").empty());
}

TEST_CASE("clusters: of a flood the rest is counted") {
  Record flood;
  for (int i = 0; i < 300; ++i) {
    flood.evidence.push_back(wallet(kOne, std::to_string(i)));
    flood.evidence.push_back(wallet(kTwo, std::to_string(i)));
  }
  CHECK(clusters_of({flood}, {found("1", kOne, Level::error)}, 200).size() == judge::kMostClusters);
}

TEST_CASE("clusters: equal files, and equal payloads of unequal files") {
  const std::string file = "sha256:" + std::string(64, 'a'),
                    payload = "sha256:" + std::string(64, 'b');
  const auto inside = [](const Trail& where) {
    return where / Step{Step::Kind::offset, "line 1:1"} / Step{Step::Kind::decoder, "base64"};
  };
  Record record;
  record.contents = {{kOne, file}, {kTwo, file}, {inside(kOne), payload}, {inside(kTwo), payload}};
  const std::vector<Finding> findings = {found("1", kOne, Level::error)};
  auto clusters = clusters_of({record}, findings);
  // What equal files hold is equal, and told once.
  REQUIRE(clusters.size() == 1);
  CHECK(clusters[0].kind == "payload");
  CHECK(clusters[0].value == file);
  CHECK(clusters[0].files == std::vector<Trail>{kOne, kTwo});
  CHECK(clusters[0].findings == std::vector<std::string>{"1"});

  record.contents[1].digest = "sha256:" + std::string(64, 'c');
  clusters = clusters_of({record}, findings);
  REQUIRE(clusters.size() == 1);
  CHECK(clusters[0].value == payload);
  // Twice in one file is no cluster, nor is what nothing was found in.
  record.contents = {{kOne, file}, {inside(kOne), file}};
  CHECK(clusters_of({record}, findings).empty());
  record.contents = {{kTwo, file}, {kThree, file}};
  CHECK(clusters_of({record}, findings).empty());
}
