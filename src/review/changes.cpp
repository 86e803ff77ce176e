#include "review/changes.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "review/apart.h"
#include "review/facts.h"

namespace minescan::review {
namespace {

void compare_file(const std::string& path, const SeenFile* before, const SeenFile& after,
                  TaskRunner& runner, Changed& changed) {
  std::vector<Line>& lines = changed.lines;
  const bool same = before != nullptr && before->digest == after.digest &&
                    before->type == after.type && !after.digest.empty();
  if (same) return;
  if (const std::string_view role = role_of(path); !role.empty()) {
    lines.push_back({path, 0, std::string(role) + (before == nullptr ? " added" : " changed")});
  }
  if (after.program) {
    const bool was = before != nullptr && before->program;
    lines.push_back(
        {path, 0, std::string("program ") + (was ? "changed: " : "added: ") + after.type});
  }
  if (after.gpu && (before == nullptr || !before->gpu))
    lines.push_back({path, 0, "GPU code added"});
  if (!has_facts(path)) return;
  auto facts = compare_facts(runner, path, before == nullptr ? nullptr : &before->text, after.text);
  if (facts) {
    std::move(facts->begin(), facts->end(), std::back_inserter(lines));
  } else {
    changed.unread.push_back({path, std::move(facts.error())});
  }
}

// The host that a URL names; "" of what has none.
std::string host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  return std::string(url);
}

std::string source_of(const Dependency& dependency) {
  switch (dependency.source) {
    case Dependency::Source::git:
      return "repository " + dependency.location;
    case Dependency::Source::path:
      return "path " + dependency.location;
    case Dependency::Source::bundled:
      return "another package";
    case Dependency::Source::url:
    case Dependency::Source::registry:
      break;
  }
  for (const PackageFile& file : dependency.files) {
    if (const std::string host = host_of(file.url); !host.empty()) return "host " + host;
  }
  if (const std::string host = host_of(dependency.registry); !host.empty()) return "host " + host;
  return "the registry";
}

std::string digests_of(const Dependency& dependency) {
  std::string text;
  for (const PackageFile& file : dependency.files) {
    for (const Integrity& integrity : file.integrity) {
      if (text.size() > 200) return text + " …";
      if (!text.empty()) text += ", ";
      text += integrity.algorithm + ":" + integrity.hex.substr(0, 16);
    }
  }
  return text.empty() ? "none" : text;
}

bool promised(const Dependency& dependency) {
  return std::any_of(dependency.files.begin(), dependency.files.end(),
                     [](const PackageFile& file) { return !file.integrity.empty(); });
}

std::string traits_of(const Dependency& dependency) {
  std::vector<std::string> traits;
  if (dependency.install_script) traits.emplace_back("install script");
  const bool fetched = dependency.source == Dependency::Source::registry ||
                       dependency.source == Dependency::Source::url;
  if (fetched && !promised(dependency)) traits.emplace_back("no integrity");
  if (const std::string source = source_of(dependency); source != "the registry") {
    traits.push_back("from " + source);
  }
  if (!dependency.alias.empty()) traits.push_back("installed as " + dependency.alias);
  std::string text;
  for (const std::string& trait : traits) text += (text.empty() ? " (" : ", ") + trait;
  return text.empty() ? text : text + ")";
}

std::set<std::string> algorithms_of(const Dependency& dependency) {
  std::set<std::string> algorithms;
  for (const PackageFile& file : dependency.files) {
    for (const Integrity& integrity : file.integrity) algorithms.insert(integrity.algorithm);
  }
  return algorithms;
}

// Digests of another algorithm may be of the same bytes.
std::string integrity_word(const lockfiles::Change& change) {
  if (!promised(change.after)) return "removed";
  if (!promised(change.before)) return "added";
  const auto before = algorithms_of(change.before);
  const auto after = algorithms_of(change.after);
  const bool common = std::any_of(before.begin(), before.end(),
                                  [&](const std::string& one) { return after.contains(one); });
  return common ? "changed" : "algorithm changed";
}

std::string package_line(const lockfiles::Change& change) {
  using Kind = lockfiles::Change::Kind;
  const std::string name = purl(change.after);
  switch (change.kind) {
    case Kind::added:
      return "dependency added: " + name + traits_of(change.after);
    case Kind::version:
      return "dependency changed: " + name + traits_of(change.after) +
             " (was: " + change.before.version + ")";
    case Kind::integrity:
      return "integrity " + integrity_word(change) + ": " + name + " from " +
             digests_of(change.before) + " to " + digests_of(change.after);
    case Kind::files:
      return "files changed: " + name + " from " + digests_of(change.before) + " to " +
             digests_of(change.after);
    case Kind::source:
      return "source changed: " + name + " from " + source_of(change.before) + " to " +
             source_of(change.after);
    case Kind::removed:
      break;
  }
  return {};
}

}  // namespace

std::optional<Requirement> requirement_of(std::string_view line) {
  if (!line.starts_with(kRequirement)) return std::nullopt;
  line.remove_prefix(kRequirement.size());
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  Requirement found{.name = std::string(line.substr(0, blank)), .range = {}};
  line.remove_prefix(blank);
  for (const std::string_view word : {" added: ", " changed: "}) {
    if (!line.starts_with(word)) continue;
    line.remove_prefix(word.size());
    if (word == " changed: ") line = line.substr(0, line.rfind(" (was: "));
    found.range = line;
    return found;
  }
  return std::nullopt;
}

Changed compare_files(const SeenFiles& before, const SeenFiles& after, TaskRunner& runner) {
  Changed changed;
  for (const auto& [path, file] : after) {
    const auto old = before.find(path);
    compare_file(path, old == before.end() ? nullptr : &old->second, file, runner, changed);
  }
  std::sort(changed.lines.begin(), changed.lines.end());
  return changed;
}

std::vector<Line> compare_packages(const std::vector<lockfiles::Change>& changes) {
  std::vector<Line> lines;
  for (const lockfiles::Change& change : changes) {
    if (change.kind == lockfiles::Change::Kind::removed) continue;
    lines.push_back({change.after.file, change.after.line, package_line(change)});
  }
  return lines;
}

}  // namespace minescan::review
