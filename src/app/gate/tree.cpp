// What changed in the tree: the files on both sides, and what they say about what will run.

#include <algorithm>
#include <span>

#include "app/gate/paths.h"
#include "app/gate/run.h"
#include "judge/merge.h"
#include "review/facts.h"

namespace minescan::app {

using acquire::FileChange;
using acquire::TreeFile;

void Gate::gap(const std::string& path, GapReason reason, std::string detail, std::uint64_t bytes) {
  artifact_.gaps.push_back(
      {.trail = {{{Step::Kind::unit, artifact_.name}, {Step::Kind::member, path}}},
       .reason = reason,
       .detail = std::move(detail),
       .bytes = bytes});
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

}  // namespace minescan::app
