#include "judge/clusters.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "judge/mask.h"
#include "judge/rules.h"

namespace minescan::judge {
namespace {

struct Shared {
  std::set<Trail> files;
  std::string coin;
};

using Key = std::pair<std::string, std::string>;  // kind and value

void add(std::map<Key, Shared>& shared, const Evidence& evidence, const char* kind,
         const std::string& value) {
  Shared& one = shared[{kind, value}];
  one.files.insert(file_of(evidence.trail));
  const auto coin = evidence.captures.find("coin");
  if (coin != evidence.captures.end()) one.coin = coin->second;
}

// Equal files, and equal things decoded in different files.  What equal files hold is equal too,
// and told once.
void add_payloads(const std::vector<Record>& records, std::map<Key, Shared>& shared) {
  std::map<std::string, std::set<Trail>> files;
  for (const Record& record : records) {
    for (const Content& content : record.contents) {
      files[content.digest].insert(file_of(content.trail));
    }
  }
  std::map<std::set<Trail>, std::string> told;
  for (const bool whole : {true, false}) {
    for (const Record& record : records) {
      for (const Content& content : record.contents) {
        const std::set<Trail>& where = files[content.digest];
        if (where.size() < 2 || (content.trail == file_of(content.trail)) != whole) continue;
        told.emplace(where, content.digest);
      }
    }
  }
  for (auto& [where, digest] : told) shared[{"payload", digest}].files = where;
}

}  // namespace

std::vector<Cluster> make_clusters(const std::vector<Record>& records,
                                   const std::vector<Finding>& findings, std::size_t& left_out) {
  std::map<Key, Shared> shared;
  for (const Record& record : records) {
    for (const Evidence& evidence : record.evidence) {
      const auto wallet = evidence.captures.find("wallet");
      if (wallet != evidence.captures.end()) {
        add(shared, evidence, "wallet", wallet->second);
        continue;
      }
      const auto user = evidence.captures.find("user");
      // Short accounts ("x", "root") and unresolved variables say nothing about anybody.
      if (user != evidence.captures.end() && user->second.size() >= 6 &&
          user->second.find('$') == std::string::npos) {
        add(shared, evidence, "account", user->second);
      }
    }
  }
  add_payloads(records, shared);
  std::map<Trail, std::vector<const Finding*>> at;
  for (const Finding& finding : findings) at[finding.trail].push_back(&finding);
  std::vector<Cluster> clusters;
  for (auto& [key, one] : shared) {
    if (one.files.size() < 2) continue;
    Cluster cluster{.kind = key.first,
                    .value = key.first == "payload" ? key.second : masked(key.second),
                    .coin = one.coin};
    bool serious = false;
    std::set<std::string> ids;
    for (const Trail& file : one.files) {
      cluster.files.push_back(file);
      const auto found = at.find(file);
      if (found == at.end()) continue;
      for (const Finding* finding : found->second) {
        ids.insert(finding->id);
        serious = serious || finding->level > Level::note;
      }
    }
    if (!serious) continue;
    cluster.findings.assign(ids.begin(), ids.end());
    clusters.push_back(std::move(cluster));
  }
  std::sort(clusters.begin(), clusters.end(), [](const Cluster& a, const Cluster& b) {
    if (a.files.size() != b.files.size()) return a.files.size() > b.files.size();
    return std::tie(a.kind, a.value) < std::tie(b.kind, b.value);
  });
  left_out = clusters.size() - std::min(clusters.size(), kMostClusters);
  clusters.resize(clusters.size() - left_out);
  return clusters;
}

}  // namespace minescan::judge
