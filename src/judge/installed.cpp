#include "judge/installed.h"

#include <string>
#include <unordered_map>

#include "judge/layers.h"

namespace minescan::judge {
namespace {

// PATH_MAX of Linux.  A longer name is none that a package was unpacked under, and is not looked up
// folder by folder.
constexpr std::size_t kLongestPath = 4096;

// What stands before a member: in which archive of which unit it is.  The slices of a tree and the
// layers of an image are one tree.
std::string archive_key(const Artifact& artifact, const Trail& trail, std::size_t member) {
  std::string key;
  for (std::size_t i = 0; i < member; ++i) {
    const Step& step = trail.steps[i];
    const bool shared = i == 0 && artifact.kind != Artifact::Kind::package;
    if (shared || step.kind != (i == 0 ? Step::Kind::unit : Step::Kind::member)) continue;
    key += std::to_string(step.name.size()) + ":" + step.name;
  }
  return key;
}

class Packages {
 public:
  Packages(const Artifact& artifact, const std::vector<Record>& records) : artifact_(artifact) {
    for (const Record& record : records) {
      for (const InstalledPackage& one : record.packages) {
        const auto& steps = one.trail.steps;
        for (std::size_t i = steps.size(); i-- > 0;) {
          if (steps[i].kind != Step::Kind::member) continue;
          by_folder_.emplace(archive_key(artifact, one.trail, i) + "\n" + clean_path(one.folder),
                             &one.package);
          break;
        }
      }
    }
  }
  [[nodiscard]] bool empty() const { return by_folder_.empty(); }

  // The package of the innermost folder that is known; "" when there is none.
  [[nodiscard]] std::string of(const Trail& trail) const {
    for (std::size_t i = trail.steps.size(); i-- > 0;) {
      if (trail.steps[i].kind != Step::Kind::member) continue;
      const std::string key = archive_key(artifact_, trail, i) + "\n";
      if (trail.steps[i].name.size() > kLongestPath) continue;
      std::string folder = clean_path(trail.steps[i].name);
      while (!folder.empty()) {
        const auto found = by_folder_.find(key + folder);
        if (found != by_folder_.end()) return *found->second;
        const auto slash = folder.rfind('/');
        folder.resize(slash == std::string::npos ? 0 : slash);
      }
    }
    return {};
  }

 private:
  const Artifact& artifact_;
  std::unordered_map<std::string, const std::string*> by_folder_;
};

}  // namespace

void name_packages(const Artifact& artifact, const std::vector<Record>& records,
                   std::vector<Finding>& findings) {
  const Packages packages(artifact, records);
  if (packages.empty()) return;
  for (Finding& finding : findings) finding.package = packages.of(finding.trail);
}

}  // namespace minescan::judge
