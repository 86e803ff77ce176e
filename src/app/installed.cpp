#include "app/installed.h"

#include <algorithm>
#include <map>
#include <set>

#include "acquire/packages/fetcher.h"
#include "model/dependency.h"
#include "review/changes.h"

namespace minescan::app {
namespace {

// The folders of one package in the artifact, as paths of SeenFiles.
using Folders = std::set<std::string>;

// How a path in an archive below others is written in SeenFiles.
std::string seen_path(const Trail& trail, const std::string& folder) {
  std::string path;
  std::string last;
  for (const Step& step : trail.steps) {
    if (step.kind != Step::Kind::member) continue;
    if (!last.empty()) path += last + "!";
    last = step.name;
  }
  return path + folder;
}

// All digests that a registry's files have at a path: wheels for several machines differ.
using Published = std::map<std::string, std::set<std::string>>;

class Verifier {
 public:
  Verifier(Examiner& examiner, acquire::PackageFetcher& fetcher, Artifact& artifact)
      : examiner_(examiner), fetcher_(fetcher), artifact_(artifact) {}

  // What the registry has; nothing when that is a gap.
  std::optional<Published> published(const std::string& package, std::vector<Error>& failures);
  void gap(const std::string& package, GapReason reason, const std::string& what) {
    artifact_.gaps.push_back(
        {.trail = {{{Step::Kind::unit, artifact_.name}}},
         .reason = reason,
         .detail = package + " cannot be compared with its registry: " + what});
  }

 private:
  Examiner& examiner_;
  acquire::PackageFetcher& fetcher_;
  Artifact& artifact_;
};

std::optional<Published> Verifier::published(const std::string& package,
                                             std::vector<Error>& failures) {
  const auto name = parse_package_name(package);
  if (!name) return std::nullopt;
  Dependency dependency;
  dependency.ecosystem = name->ecosystem;
  dependency.name = name->name;
  dependency.version = name->version;
  auto units = fetcher_.units(dependency);
  if (!units) {
    gap(package, gap_reason(units.error().code), units.error().what);
    if (is_failure(units.error().code)) {
      failures.push_back({units.error().code, package + ": " + units.error().what});
    }
    return std::nullopt;
  }
  Published published;
  for (Unit& unit : *units) {
    Artifact one;
    one.kind = Artifact::Kind::package;
    one.name = package;
    // Wheels have their files at the top, all others in one folder.
    const bool wheel = unit.name.ends_with(".whl");
    one.units.push_back(std::move(unit));
    review::Seen seen(one, !wheel);
    const auto opener = fetcher_.opener();
    const auto examined = examiner_.run(one, *opener, &seen);
    if (!examined) {
      gap(package, GapReason::internal_error, examined.error().what);
      return std::nullopt;
    }
    for (const Error& failure : examined->failures()) {
      gap(package, gap_reason(failure.code), failure.what);
      failures.push_back({failure.code, package + ": " + failure.what});
      return std::nullopt;
    }
    for (const auto& [path, file] : seen.take()) published[path].insert(file.digest);
  }
  return published;
}

// The path in the package of an installed file; "" of what is not the package's own.
std::string inner_path(const std::string& file, const std::string& folder, Ecosystem ecosystem) {
  std::string rest = file.substr(std::min(file.size(), folder.size() + 1));
  if (ecosystem == Ecosystem::pypi) {
    // Wheels name their own top folders.
    const auto slash = folder.rfind('/');
    rest = file.substr(slash == std::string::npos ? 0 : slash + 1);
  }
  return rest.starts_with("node_modules/") ? std::string() : rest;
}

}  // namespace

Result<void> verify_installed(const Options& options, Examiner& examiner,
                              const review::SeenFiles& files, Artifact& artifact,
                              std::vector<Record>& records, std::vector<Error>& failures) {
  std::map<std::string, Folders> packages;
  for (const Record& record : records) {
    for (const InstalledPackage& one : record.packages) {
      packages[one.package].insert(seen_path(one.trail, one.folder));
    }
  }
  if (packages.empty()) return {};
  MINESCAN_TRY_ASSIGN(const auto fetcher, acquire::PackageFetcher::create(options.acquire));
  Verifier verifier(examiner, *fetcher, artifact);
  for (const auto& [package, folders] : packages) {
    const auto name = parse_package_name(package);
    const auto published = verifier.published(package, failures);
    if (!name || !published) continue;
    for (const std::string& folder : folders) {
      for (auto at = files.lower_bound(folder); at != files.end() && at->first.starts_with(folder);
           ++at) {
        const std::string& path = at->first;
        const review::SeenFile& file = at->second;
        const bool inside = path.size() == folder.size() || path[folder.size()] == '/';
        const std::string inner = inside ? inner_path(path, folder, name->ecosystem) : "";
        if (inner.empty() || file.digest.empty()) continue;
        const auto known = published->find(inner);
        if (known != published->end() && known->second.contains(file.digest)) continue;
        // What was built or unpacked here is not the registry's; only programs are worth a word.
        if (known == published->end() && !file.program) continue;
        const std::string word = known == published->end() ? "is new: " : "differs: ";
        const auto unit = std::find_if(
            artifact.units.begin(), artifact.units.end(),
            [&](const Unit& one) { return one.name == file.trail.steps.front().name; });
        if (unit == artifact.units.end()) continue;
        auto& record = records[static_cast<std::size_t>(unit - artifact.units.begin())];
        const review::Line line{path, 0, "installed file " + word + package + " " + inner};
        const auto done = review::match_lines({&line, 1}, file.trail, examiner.signatures(),
                                              examiner.tasks(), record.evidence);
        if (!done) verifier.gap(package, gap_reason(done.error().code), done.error().what);
      }
    }
  }
  return {};
}

}  // namespace minescan::app
