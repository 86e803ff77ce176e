// The packages that lockfiles bring: fetched, scanned and judged one by one.

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <set>
#include <string_view>
#include <thread>

#include "app/gate/paths.h"
#include "app/gate/run.h"

namespace minescan::app {
namespace {

// What becomes of a package that lies in another one's archive.
constexpr const char* kBundled = "bundled";

// Transfers wait for the network more than they compute; a host gets at most four at once.
constexpr unsigned kFetchers = 8;

std::string identity(const Dependency& dependency) {
  std::string text = purl(dependency) + "\n" + dependency.registry + "\n" + dependency.location;
  for (const PackageFile& file : dependency.files) {
    text += "\n" + file.name + " " + file.url;
    for (const Integrity& one : file.integrity) text += " " + one.algorithm + ":" + one.hex;
  }
  return text;
}

}  // namespace

// Whether the path of a dependency is a file or folder of the tree, seen from its lockfile or from
// the root.
bool Gate::is_in_tree(const Dependency& dependency) {
  if (head_paths_.empty()) {
    if (auto all = comparison_->paths(Side::head)) head_paths_ = std::move(*all);
  }
  const auto slash = dependency.file.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : dependency.file.substr(0, slash);
  for (const std::string& from : {folder, std::string()}) {
    const auto path = path_below(from, dependency.location);
    if (!path) continue;
    if (path->empty()) return true;
    const auto at = std::lower_bound(head_paths_.begin(), head_paths_.end(), *path);
    if (at != head_paths_.end() && (*at == *path || at->starts_with(*path + "/"))) return true;
    const auto below = std::lower_bound(head_paths_.begin(), head_paths_.end(), *path + "/");
    if (below != head_paths_.end() && below->starts_with(*path + "/")) return true;
  }
  return false;
}

void Gate::bring() {
  std::map<std::string, std::size_t> known;
  for (const auto& changes : changes_) {
    for (const lockfiles::Change& change : changes) {
      Brought brought{.change = &change};
      switch (change.kind == lockfiles::Change::Kind::removed ? Dependency::Source::registry
                                                              : change.after.source) {
        case Dependency::Source::path:
          brought.outcome = "in the tree";
          if (comparison_ && !is_in_tree(change.after)) {
            brought.outcome = "not scanned: there is no such path in the tree";
            gap(change.after.file, GapReason::net_missing,
                place(change.after.file, change.after.line) + ": " + purl(change.after) +
                    " comes from the path '" + change.after.location +
                    "', which is not in the tree");
          }
          break;
        case Dependency::Source::bundled:
          brought.outcome = kBundled;
          break;
        case Dependency::Source::git:
          brought.outcome = "not scanned: it comes from a git repository";
          gap(change.after.file, GapReason::decode_unsupported,
              place(change.after.file, change.after.line) + ": " + purl(change.after) +
                  " comes from the git repository " + change.after.location +
                  ", which is not fetched; clone it and scan it with 'minescan repo'");
          break;
        case Dependency::Source::url:
        case Dependency::Source::registry:
          if (change.kind == lockfiles::Change::Kind::removed) {
            brought.outcome = "removed";
          } else {
            const auto [at, fresh] = known.emplace(identity(change.after), brought_.size());
            if (!fresh) brought.same_as = at->second;
          }
          break;
      }
      brought_.push_back(std::move(brought));
    }
  }
}

void Gate::ask_registries(acquire::PackageFetcher& fetcher) {
  const auto ask = [&](Brought& brought) {
    try {
      auto units = fetcher.units(brought.change->after);
      if (units) {
        brought.units = std::move(*units);
      } else {
        brought.error = units.error();
      }
    } catch (const std::exception& e) {
      brought.error = Error{Code::internal, std::string("minescan failed on it: ") + e.what()};
    }
  };
  // Where the lockfile says where the files are nobody is asked, and units are named in its order.
  std::vector<Brought*> unknown;
  for (Brought& brought : brought_) {
    if (!brought.outcome.empty() || brought.same_as) continue;
    const auto& files = brought.change->after.files;
    const bool known =
        !files.empty() &&
        std::all_of(files.begin(), files.end(), [](const auto& file) { return !file.url.empty(); });
    if (known) {
      ask(brought);
    } else {
      unknown.push_back(&brought);
    }
  }
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < unknown.size(); i = next++) ask(*unknown[i]);
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < kFetchers; ++i) threads.emplace_back(work);
  work();
}

void Gate::judge_package(const Brought& brought, const std::map<std::string, std::size_t>& index,
                         const Artifact& fetched, Examined& examined) {
  const Dependency& dependency = brought.change->after;
  Artifact artifact;
  artifact.kind = Artifact::Kind::package;
  artifact.name = purl(dependency);
  std::vector<Record> records;
  std::vector<Error> failures;
  for (const Unit& unit : brought.units) {
    const std::size_t at = index.at(unit.name);
    artifact.units.push_back(fetched.units[at]);
    records.push_back(examined.records[at]);
    if (const auto& failure = examined.unit_failures[at]) {
      failures.push_back({failure->code, place(dependency.file, dependency.line) + ": " +
                                             artifact.name + ": " + failure->what});
    }
  }
  Report part = examiner_.judge(std::move(artifact), records, std::move(failures));
  for (Finding& finding : part.findings) {
    finding.package = purl(dependency);
    finding.lockfile = dependency.file;
    finding.lockfile_line = dependency.line;
  }
  parts_.push_back(std::move(part));
  std::move(records.begin(), records.end(), std::back_inserter(all_records_));
}

Result<void> Gate::fetch() {
  const bool any = std::any_of(brought_.begin(), brought_.end(), [](const Brought& brought) {
    return brought.outcome.empty() && !brought.same_as;
  });
  if (!any) return {};
  acquire::Options settings = options_.acquire;
  // What the change says of its own registries has no say in where it is fetched from.
  if (comparison_) {
    settings.packages.project_files.emplace();
    for (const char* path : {".npmrc", ".cargo/config.toml"}) {
      if (auto text = comparison_->read(Side::trusted, path, kMostPolicy)) {
        settings.packages.project_files->emplace(path, std::move(*text));
      }
    }
  }
  MINESCAN_TRY_ASSIGN(const auto fetcher, acquire::PackageFetcher::create(settings));
  ask_registries(*fetcher);
  Artifact fetched;
  fetched.kind = Artifact::Kind::package;
  fetched.name = "packages";
  std::map<std::string, std::size_t> index;
  for (Brought& brought : brought_) {
    const Dependency& dependency = brought.change->after;
    if (brought.error) {
      const std::string what = place(dependency.file, dependency.line) + ": " + purl(dependency) +
                               ": " + brought.error->what;
      brought.outcome = "not scanned: " + brought.error->what;
      gap(dependency.file, gap_reason(brought.error->code), what);
      if (is_failure(brought.error->code)) failures_.push_back({brought.error->code, what});
    }
    for (const Unit& unit : brought.units) {
      if (index.emplace(unit.name, fetched.units.size()).second) fetched.units.push_back(unit);
    }
  }
  const auto opener = fetcher->opener();
  MINESCAN_TRY_ASSIGN(Examined examined, examiner_.run(fetched, *opener, nullptr, kFetchers));
  for (Brought& brought : brought_) {
    if (!brought.outcome.empty() || brought.same_as) continue;
    const bool failed = std::any_of(
        brought.units.begin(), brought.units.end(),
        [&](const Unit& unit) { return examined.unit_failures[index.at(unit.name)].has_value(); });
    std::string lost;
    for (const Unit& unit : brought.units) {
      Record& record = examined.records[index.at(unit.name)];
      tell_no_archive(fetched.units[index.at(unit.name)], record);
      for (const Gap& gap : record.gaps) {
        if (gap.trail.steps.size() == 1 && lost.empty()) lost = gap.detail;
      }
    }
    judge_package(brought, index, fetched, examined);
    brought.outcome = failed         ? "not scanned: the transfer failed"
                      : lost.empty() ? "scanned"
                                     : "not scanned whole: " + lost;
  }
  for (const std::string& note : fetcher->notes()) artifact_.notes.push_back(note);
  return {};
}

// What a lockfile calls bundled was scanned where it lies, if the archive of a package that the
// change brings does hold it; else a package manager may fetch it from somewhere.
void Gate::look_for_bundled() {
  std::set<std::string_view> held;
  for (const Record& record : all_records_) {
    for (const InstalledPackage& package : record.packages) held.insert(package.package);
  }
  for (Brought& brought : brought_) {
    const Dependency& dependency = brought.change->after;
    if (brought.outcome != kBundled || held.contains(purl(dependency))) continue;
    brought.outcome = "not scanned: no archive that was fetched holds it";
    gap(dependency.file, GapReason::net_missing,
        place(dependency.file, dependency.line) + ": " + purl(dependency) +
            " is said to be bundled, but no package of this change holds it; make the lockfile "
            "anew with 'npm install --package-lock-only', or scan it with 'minescan package'");
  }
}

}  // namespace minescan::app
