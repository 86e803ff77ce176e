#include "app/gate.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "acquire/packages/fetcher.h"
#include "acquire/repository.h"
#include "app/policy.h"
#include "base/ascii.h"
#include "judge/judge.h"
#include "judge/merge.h"
#include "judge/policy.h"
#include "lockfiles/apart.h"
#include "lockfiles/lockfiles.h"
#include "review/changes.h"
#include "review/facts.h"
#include "review/seen.h"

namespace minescan::app {
namespace {

using acquire::Comparison;
using acquire::FileChange;
using acquire::TreeFile;
using Side = Comparison::Side;

// What becomes of a package that lies in another one's archive.
constexpr const char* kBundled = "bundled";

constexpr std::uint64_t kMostLockfile = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostPolicy = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostBaseline = std::uint64_t{256} << 20;
// Transfers wait for the network more than they compute; a host gets at most four at once.
constexpr unsigned kFetchers = 8;

// A pointer file of Git LFS is smaller (its specification says below 1,024 bytes).
constexpr std::uint64_t kMostPointer = 1024;

bool is_pointer(std::string_view text) {
  return text.starts_with("version https://") && text.find("oid sha256:") != std::string::npos &&
         text.find("size ") != std::string::npos;
}

// Installed packages carry lockfiles of their own, which nobody installs from.
bool is_reviewed_lockfile(const std::string& path) {
  return lockfiles::is_lockfile(path) && ("/" + path).find("/node_modules/") == std::string::npos;
}

// Lists of packages that minescan cannot read.
bool is_unread_lockfile(const std::string& path) {
  constexpr std::array<std::string_view, 16> kNames = {
      "deno.lock",         "composer.lock",   "shrinkwrap.yaml",  "environment.yml",
      "conda-lock.yml",    "pubspec.lock",    "mix.lock",         "podfile.lock",
      "package.resolved",  "flake.lock",      "environment.yaml", "rebar.lock",
      "cartfile.resolved", "stack.yaml.lock", "paket.lock",       "cabal.project.freeze"};
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return true;
  if (name.starts_with("pnpm-lock.") && name.ends_with(".yaml") && name != "pnpm-lock.yaml") {
    return true;
  }
  // The same name in other letters, which some file systems take for it.
  const std::string lowered = path.substr(0, path.size() - name.size()) + name;
  return !lockfiles::is_lockfile(path) && lockfiles::is_lockfile(lowered);
}

// The path that a relative one names, seen from a folder of the tree; nullopt when it leaves it.
std::optional<std::string> path_below(const std::string& folder, std::string_view relative) {
  if (relative.starts_with('/')) return std::nullopt;
  std::vector<std::string> parts;
  const std::string whole = folder + "/" + std::string(relative);
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  std::string path;
  for (const std::string& part : parts) path += (path.empty() ? "" : "/") + part;
  return path;
}

std::string place(const std::string& file, std::uint32_t line) {
  return line == 0 ? file : file + ":" + std::to_string(line);
}

// One package that the change brings.
struct Brought {
  const lockfiles::Change* change = nullptr;
  std::string outcome;
  std::vector<Unit> units;
  std::optional<Error> error;
  std::optional<std::size_t> same_as;  // an earlier one with the same files
};

std::string identity(const Dependency& dependency) {
  std::string text = purl(dependency) + "\n" + dependency.registry + "\n" + dependency.location;
  for (const PackageFile& file : dependency.files) {
    text += "\n" + file.name + " " + file.url;
    for (const Integrity& one : file.integrity) text += " " + one.algorithm + ":" + one.hex;
  }
  return text;
}

class Gate {
 public:
  Gate(const Options& options, Examiner& examiner, examine::worker::ReadingProcess* git)
      : options_(options), examiner_(examiner), git_(git) {}
  Result<Report> run();

 private:
  Result<void> compare_git();
  Result<void> compare_lockfiles();
  Result<void> read_policy();
  Result<void> scan_tree();
  Result<void> scan_base(const std::vector<std::string>& paths);
  void tell_about_files();
  Result<std::string> read_through_links(Side side, std::string path);
  Result<void> review_lockfiles();
  void review_lockfile(const std::string& path, const lockfiles::Read& base,
                       const lockfiles::Read& head);
  void add_lines(const std::vector<review::Line>& lines);
  bool is_locked(const review::Line& requirement);
  const std::vector<const lockfiles::Lockfile*>& locks_of(const std::string& folder);
  bool is_in_tree(const Dependency& dependency);
  std::size_t unit_of(const std::string& path);
  void gap(const std::string& path, GapReason reason, std::string detail, std::uint64_t bytes = 0);
  void bring();
  void ask_registries(acquire::PackageFetcher& fetcher);
  Result<void> fetch();
  void look_for_bundled();
  void judge_package(const Brought& brought, const std::map<std::string, std::size_t>& index,
                     const Artifact& artifact, Examined& examined);
  Result<Report> conclude();

  const Options& options_;
  Examiner& examiner_;
  examine::worker::ReadingProcess* git_;
  std::unique_ptr<Comparison> comparison_;
  PolicyOfRun policy_;
  Review review_;
  // The tree, as its head has it.
  Artifact artifact_;
  std::vector<Record> records_;
  std::vector<Error> failures_;
  review::SeenFiles before_, after_;
  judge::Baseline baseline_;
  // What lockfiles bring.
  std::vector<std::vector<lockfiles::Change>> changes_;  // by lockfile; never moved once used
  std::vector<Brought> brought_;
  std::vector<std::string> head_paths_;  // once asked for
  // Of folders, once asked for: their lockfiles of npm and its likes; nullptr = not to be read.
  std::map<std::string, std::vector<const lockfiles::Lockfile*>> locks_;
  std::deque<lockfiles::Lockfile> parsed_locks_;
  std::vector<Report> parts_;
  std::vector<Record> all_records_;
};

void Gate::gap(const std::string& path, GapReason reason, std::string detail, std::uint64_t bytes) {
  artifact_.gaps.push_back(
      {.trail = {{{Step::Kind::unit, artifact_.name}, {Step::Kind::member, path}}},
       .reason = reason,
       .detail = std::move(detail),
       .bytes = bytes});
}

// --- the tree

Result<void> Gate::compare_git() {
  if (options_.base_given && options_.base.empty()) {
    return fail(Code::usage, "--base is empty; name a revision, as in --base origin/main");
  }
  std::optional<acquire::Peer> peer;
  if (git_ != nullptr) {
    MINESCAN_TRY(git_->confinement());
    peer = {.socket = git_->socket(),
            .patience = std::chrono::seconds(options_.unit_seconds),
            .end = [this] { return git_->end(); }};
  }
  MINESCAN_TRY_ASSIGN(comparison_,
                      acquire::compare_revisions(git_question(options_), peer ? &*peer : nullptr));
  review_.base = comparison_->base_name();
  review_.head = comparison_->head_name();
  return {};
}

Result<void> Gate::read_policy() {
  const auto trusted = [&](const std::string& path, std::uint64_t limit) -> Result<std::string> {
    if (!comparison_) return fail(Code::not_found, "no base revision");
    return comparison_->read(Side::trusted, path, limit);
  };
  if (!options_.config.empty() || !comparison_) {
    MINESCAN_TRY_ASSIGN(policy_, policy_from_options(options_));
    return {};
  }
  const auto text = trusted(".minescan.yaml", kMostPolicy);
  if (!text && trusted(".minescan.yml", kMostPolicy)) {
    return fail(Code::usage, review_.base +
                                 " has a .minescan.yml, which is not read; name it "
                                 ".minescan.yaml");
  }
  if (!text && text.error().code != Code::not_found) return tl::unexpected(text.error());
  if (text) {
    MINESCAN_TRY_ASSIGN(policy_.file, judge::parse_policy(".minescan.yaml of " + review_.base,
                                                          as_bytes(*text), today()));
    if (!policy_.file->baseline.empty()) {
      MINESCAN_TRY_ASSIGN(const std::string report, trusted(policy_.file->baseline, kMostBaseline));
      MINESCAN_TRY_ASSIGN(policy_.baseline_ids,
                          judge::ids_in_report(policy_.file->baseline, as_bytes(report)));
    }
  }
  return add_options(options_, policy_);
}

Result<void> Gate::scan_base(const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  MINESCAN_TRY_ASSIGN(acquire::Acquired acquired, comparison_->files(Side::base, paths));
  review::Seen seen(acquired.artifact, false);
  MINESCAN_TRY_ASSIGN(Examined examined, examiner_.run(acquired.artifact, *acquired.opener, &seen));
  before_ = seen.take();
  const Report report = examiner_.judge(acquired.artifact, examined.records, {});
  for (const Finding& finding : report.findings) {
    baseline_.keys.push_back(judge::finding_key(finding, false));
  }
  std::sort(baseline_.keys.begin(), baseline_.keys.end());
  return {};
}

Result<void> Gate::scan_tree() {
  std::vector<std::string> head, base;
  for (const FileChange& change : comparison_->changes()) {
    if (change.after.kind == TreeFile::Kind::none) continue;
    head.push_back(change.path);
    const bool file = change.before.kind == TreeFile::Kind::file ||
                      change.before.kind == TreeFile::Kind::executable;
    if (file) base.push_back(change.path);
  }
  review_.files_changed = head.size();
  MINESCAN_TRY_ASSIGN(acquire::Acquired acquired, comparison_->files(Side::head, head));
  review::Seen seen(acquired.artifact, false);
  MINESCAN_TRY_ASSIGN(Examined examined, examiner_.run(acquired.artifact, *acquired.opener, &seen));
  after_ = seen.take();
  artifact_ = std::move(acquired.artifact);
  if (seen.full()) gap("", GapReason::limit_entries, "more files than are compared");
  for (Gap& late : acquired.opener->late_gaps()) artifact_.gaps.push_back(std::move(late));
  records_ = std::move(examined.records);
  failures_ = examined.failures();
  return scan_base(base);
}

// What the bytes of files do not show.
void Gate::tell_about_files() {
  std::vector<review::Line> lines;
  for (const FileChange& change : comparison_->changes()) {
    const std::string_view word =
        change.before.kind == TreeFile::Kind::none ? " added" : " changed";
    if (change.after.kind == TreeFile::Kind::link) {
      const auto target = comparison_->read(Side::head, change.path, kMostPointer * 4);
      lines.push_back({change.path, 0,
                       "link" + std::string(word) + ": " + (target ? *target : std::string("?"))});
    } else if (change.after.kind == TreeFile::Kind::submodule) {
      lines.push_back({change.path, 0,
                       "submodule" + std::string(word) + ": " +
                           (change.after.id.empty() ? std::string("?") : change.after.id)});
    } else if (change.after.kind == TreeFile::Kind::none) {
      if (review::role_of(change.path) == "policy") {
        lines.push_back({change.path, 0, "policy removed"});
      }
    } else {
      const auto pointer = comparison_->read(Side::head, change.path, kMostPointer);
      if (is_unread_lockfile(change.path)) {
        gap(change.path, GapReason::decode_unsupported,
            "a list of packages that is not read; scan what it adds with 'minescan package'");
      }
      if (pointer && is_pointer(*pointer)) {
        gap(change.path, GapReason::io_unreadable,
            "a pointer of Git LFS; its bytes are not in the repository, scan them with 'minescan "
            "repo' where they are checked out");
      }
    }
  }
  auto changed = review::compare_files(before_, after_, examiner_.tasks());
  for (const auto& [path, error] : changed.unread) {
    gap(path, gap_reason(error.code), error.what);
  }
  for (review::Line& line : changed.lines) {
    if (!line.text.starts_with(review::kRequirement)) {
      lines.push_back(std::move(line));
    } else if (!is_locked(line)) {
      gap(line.path, GapReason::net_missing,
          place(line.path, line.line) + ": " + line.text +
              "; no lockfile was made for it, so it is not known what would be fetched; make the "
              "lockfile anew, or scan the package by name with 'minescan package'");
    }
  }
  add_lines(lines);
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

// The unit that has the file; one made for the purpose when none has.
std::size_t Gate::unit_of(const std::string& path) {
  const auto seen = after_.find(path);
  const std::string name =
      seen != after_.end() ? seen->second.trail.steps.front().name : std::string("changes");
  for (std::size_t i = 0; i < artifact_.units.size(); ++i) {
    if (artifact_.units[i].name == name) return i;
  }
  artifact_.units.push_back({.kind = Unit::Kind::document, .name = name});
  records_.emplace_back();
  return records_.size() - 1;
}

void Gate::add_lines(const std::vector<review::Line>& lines) {
  review::each_file(lines, [&](const std::string& path, std::span<const review::Line> some) {
    const std::size_t unit = unit_of(path);
    const auto seen = after_.find(path);
    Trail trail{{{Step::Kind::unit, artifact_.units[unit].name}}};
    if (seen != after_.end()) {
      trail = seen->second.trail;
    } else if (!path.empty()) {
      trail = trail / Step{Step::Kind::member, path};
    }
    const auto done = review::match_lines(some, trail, examiner_.signatures(), examiner_.tasks(),
                                          records_[unit].evidence);
    if (!done) gap(path, gap_reason(done.error().code), done.error().what);
  });
}

// --- lockfiles

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

// As a package manager reads it: through links, which must stay in the tree.
Result<std::string> Gate::read_through_links(Side side, std::string path) {
  constexpr int kMostLinks = 8;
  for (int i = 0; i < kMostLinks; ++i) {
    MINESCAN_TRY_ASSIGN(std::string text, comparison_->read(side, path, kMostLockfile));
    if (!comparison_->is_link(side, path)) return text;
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
    const auto target = path_below(folder, text);
    if (!target) break;
    path = *target;
  }
  return fail(Code::unsupported, "'" + path + "' is a link that leads out of the tree or nowhere");
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

// --- packages

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

// --- the end

Result<Report> Gate::conclude() {
  for (const Brought& brought : brought_) {
    const lockfiles::Change& change = *brought.change;
    const bool removed = change.kind == lockfiles::Change::Kind::removed;
    const bool added = change.kind == lockfiles::Change::Kind::added;
    const Dependency& named = removed ? change.before : change.after;
    review_.packages.push_back(
        {.change = std::string(lockfiles::change_name(change.kind)),
         .before = added ? "" : purl(change.before),
         .after = removed ? "" : purl(change.after),
         .lockfile = named.file,
         .line = named.line,
         .outcome = brought.same_as ? brought_[*brought.same_as].outcome : brought.outcome});
  }
  Report report = examiner_.judge(artifact_, records_, std::move(failures_));
  // A line about a package is about that package, on the lockfile's line.
  for (Finding& finding : report.findings) {
    for (const Evidence& evidence : finding.evidence) {
      if (evidence.view != ViewKind::change) continue;
      const auto package = evidence.captures.find("package");
      if (package != evidence.captures.end()) finding.package = package->second;
      if (evidence.line != 0 && finding.lockfile.empty()) {
        finding.lockfile = finding.path.empty() ? artifact_.name : finding.path;
        finding.lockfile_line = evidence.line;
      }
    }
  }
  baseline_.reason = "it is in " + review_.base + " too";
  judge::apply_baseline(baseline_, report);
  for (Report& part : parts_) judge::add_part(report, std::move(part));
  report.review = std::move(review_);
  std::move(records_.begin(), records_.end(), std::back_inserter(all_records_));
  policy_.apply(report);
  judge::finish(report, all_records_);
  return report;
}

Result<Report> Gate::run() {
  if (options_.lockfile.empty()) {
    MINESCAN_TRY(compare_git());
    MINESCAN_TRY(read_policy());
    MINESCAN_TRY(scan_tree());
    MINESCAN_TRY(review_lockfiles());
    tell_about_files();
  } else {
    MINESCAN_TRY(read_policy());
    MINESCAN_TRY(compare_lockfiles());
  }
  if (policy_.file && policy_.file->fail_on && !options_.fail_on_given) {
    examiner_.set_fail_on(*policy_.file->fail_on);
  }
  for (const auto& changes : changes_) {
    auto lines = review::compare_packages(changes);
    if (!comparison_) {
      for (review::Line& line : lines) line.path.clear();
    }
    add_lines(lines);
  }
  bring();
  MINESCAN_TRY(fetch());
  look_for_bundled();
  // What was not read for want of the process would look like what is not there.
  if (comparison_) MINESCAN_TRY(comparison_->alive());
  return conclude();
}

}  // namespace

acquire::Question git_question(const Options& options) {
  acquire::Question question;
  question.path = options.target;
  question.base = options.base.empty() ? "HEAD" : options.base;
  if (options.staged) {
    question.head.kind = acquire::Revision::Kind::index;
  } else if (!options.head.empty()) {
    question.head = {acquire::Revision::Kind::commit, options.head};
  }
  if (const char* index = std::getenv("GIT_INDEX_FILE"); index != nullptr) {
    question.index_file = index;
  }
  return question;
}

Result<Report> gate(const Options& options, Examiner& examiner,
                    examine::worker::ReadingProcess* git) {
  return Gate(options, examiner, git).run();
}

}  // namespace minescan::app
