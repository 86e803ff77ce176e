// What lockfiles of both sides say, and whether they were made for what manifests ask for.

#include <algorithm>
#include <set>
#include <utility>

#include "app/gate/paths.h"
#include "app/gate/run.h"
#include "lockfiles/apart.h"
#include "review/facts.h"

namespace minescan::app {

using acquire::FileChange;

void Gate::review_lockfile(const std::string& path, const lockfiles::Read& base,
                           const lockfiles::Read& head) {
  std::set<std::string> known_problems;  // were there before
  const auto read_side = [&](const lockfiles::Read& read,
                             const std::string& which) -> std::vector<Dependency> {
    const auto text = read(path);
    if (!text) {
      if (text.error().code != Code::not_found) {
        gap(path, gap_reason(text.error().code), text.error().what);
      }
      return {};
    }
    auto parsed = lockfiles::parse_apart(examiner_.tasks(), path, as_bytes(*text), read);
    if (!parsed) {
      gap(path, gap_reason(parsed.error().code),
          parsed.error().what + " (in " + which + "); what it names was not compared");
      return {};
    }
    for (const lockfiles::Problem& problem : parsed->problems) {
      // What was wrong before is not this change's doing.
      if (&read != &head) known_problems.insert(problem.what);
      if (&read != &head || known_problems.contains(problem.what)) continue;
      gap(problem.file.empty() ? path : problem.file, GapReason::decode_corrupt,
          place(problem.file.empty() ? path : problem.file, problem.line) + ": " + problem.what);
    }
    return std::move(parsed->dependencies);
  };
  const auto before = read_side(base, review_.base);
  const auto after = read_side(head, review_.head);
  changes_.push_back(lockfiles::compare(before, after));
  for (lockfiles::Change& change : changes_.back()) {
    Dependency& named =
        change.kind == lockfiles::Change::Kind::removed ? change.before : change.after;
    if (named.file.empty()) named.file = path;
  }
}

Result<void> Gate::review_lockfiles() {
  std::set<std::string> paths;
  for (const FileChange& change : comparison_->changes()) {
    if (is_reviewed_lockfile(change.path)) paths.insert(change.path);
  }
  const lockfiles::Read base = [&](const std::string& path) {
    return read_through_links(Side::base, path);
  };
  const lockfiles::Read head = [&](const std::string& path) {
    return read_through_links(Side::head, path);
  };
  if (!comparison_->changes().empty()) {
    // A list of requirements may include the changed file under any name, and a lockfile may be a
    // link to it.
    MINESCAN_TRY_ASSIGN(const auto all, comparison_->paths(Side::head));
    for (const std::string& path : all) {
      if (!is_reviewed_lockfile(path)) continue;
      if (path.ends_with(".txt") || comparison_->is_link(Side::head, path)) paths.insert(path);
    }
  }
  for (const std::string& path : paths) review_lockfile(path, base, head);
  return {};
}

Result<void> Gate::compare_lockfiles() {
  const std::string& path = options_.lockfile;
  MINESCAN_TRY_ASSIGN(acquire::Acquired acquired, acquire::tree(path));
  MINESCAN_TRY_ASSIGN(Examined examined, examiner_.run(acquired.artifact, *acquired.opener));
  artifact_ = std::move(acquired.artifact);
  artifact_.name = path;
  records_ = std::move(examined.records);
  failures_ = examined.failures();
  review_.base = options_.against;
  review_.head = path;
  // Includes are looked for beside each of the two.
  const auto reader = [&](const std::string& file) -> lockfiles::Read {
    const auto slash = file.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : file.substr(0, slash + 1);
    const std::string name = file.substr(folder.size());
    const auto head_slash = path.rfind('/');
    const std::string head_name =
        head_slash == std::string::npos ? path : path.substr(head_slash + 1);
    return [=](const std::string& wanted) {
      return acquire::read_text(folder + (wanted == head_name ? name : wanted), kMostLockfile);
    };
  };
  const auto slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (!lockfiles::is_lockfile(name)) {
    return fail(Code::usage, "'" + path +
                                 "' is not named like a lockfile; the name says how it is "
                                 "read, as in package-lock.json, poetry.lock, Cargo.lock");
  }
  const lockfiles::Read base = reader(options_.against);
  const lockfiles::Read head = reader(path);
  for (const auto& [read, file] : {std::pair{&base, &options_.against}, {&head, &path}}) {
    if (const auto text = (*read)(name); !text) {
      return fail(text.error().code, "cannot read '" + *file + "': " + text.error().what);
    }
  }
  review_lockfile(name, base, head);
  for (lockfiles::Change& change : changes_.back()) {
    if (change.after.file == name) change.after.file = path;
    if (change.before.file == name) change.before.file = path;
  }
  return {};
}

// The lockfiles of npm and its likes in a folder of the head.
const std::vector<const lockfiles::Lockfile*>& Gate::locks_of(const std::string& folder) {
  const auto [at, fresh] = locks_.try_emplace(folder);
  if (!fresh) return at->second;
  const lockfiles::Read head = [&](const std::string& path) {
    return read_through_links(Side::head, path);
  };
  for (const char* name : {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock",
                           "pnpm-lock.yaml", "bun.lock", "bun.lockb"}) {
    const std::string path = folder.empty() ? name : folder + "/" + name;
    const auto text = head(path);
    if (!text && text.error().code == Code::not_found) continue;
    auto parsed = text ? lockfiles::parse_apart(examiner_.tasks(), path, as_bytes(*text), head)
                       : tl::unexpected<Error>(text.error());
    if (parsed) parsed_locks_.push_back(std::move(*parsed));
    at->second.push_back(parsed ? &parsed_locks_.back() : nullptr);
  }
  return at->second;
}

// Whether the lockfiles beside a manifest, or else those next above it, were made for what it asks
// for.  A package manager that finds a wish that its lockfile does not know fetches what it likes.
bool Gate::is_locked(const review::Line& requirement) {
  // What lies there is installed already, and seen as it is.
  if (("/" + requirement.path).find("/node_modules/") != std::string::npos) return true;
  const auto wish = review::requirement_of(requirement.text);
  if (!wish) return false;
  const std::string manifest_folder = requirement.path.substr(
      0, requirement.path.size() -
             std::min(requirement.path.size(), std::string_view("package.json").size()));
  std::string folder = requirement.path;
  while (true) {
    const auto slash = folder.rfind('/');
    folder.resize(slash == std::string::npos ? 0 : slash);
    const auto& locks = locks_of(folder);
    if (!locks.empty()) {
      // From there to the manifest.
      std::string below = manifest_folder.substr(folder.empty() ? 0 : folder.size() + 1);
      if (below.ends_with('/')) below.pop_back();
      return std::all_of(locks.begin(), locks.end(), [&](const lockfiles::Lockfile* lock) {
        return lock != nullptr && lockfiles::knows_wish(*lock, below, wish->name, wish->range);
      });
    }
    if (folder.empty()) return false;
  }
}

}  // namespace minescan::app
