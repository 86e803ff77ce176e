// package-lock.json and npm-shrinkwrap.json, versions 1 to 3.  What npm 7 and later obey is
// "packages", whatever the version says; version 1 has only "dependencies", and version 2 keeps a
// copy of them for npm 6, which must say the same.  Tested by package_lock_test.cpp.

#include <string>
#include <unordered_map>
#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/npm_source.h"
#include "lockfiles/places.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

constexpr std::string_view kModules = "node_modules/";
constexpr std::size_t kLongestLocation = 4096;  // as paths are bounded

// The name that a location installs: "node_modules/a/node_modules/@s/b" → "@s/b".  "" when it is a
// folder of the tree.
std::string_view installed_name(std::string_view location) {
  const auto at = location.rfind(kModules);
  if (at == std::string_view::npos || (at > 0 && location[at - 1] != '/')) return {};
  return location.substr(at + kModules.size());
}

void set_flags(Dependency& entry, const Node& node) {
  entry.line = node.line;
  entry.development = node.is_true("dev");
  entry.optional = node.is_true("optional");
  entry.install_script = node.is_true("hasInstallScript");
}

using Locations = std::unordered_map<std::string_view, const Node*>;

// Whether a package in whose folder this location lies brings packages along.  What the tree itself
// bundles is fetched like anything else.
bool is_in_bundler(std::string_view location, const Locations& locations) {
  if (location.size() > kLongestLocation) return false;
  while (true) {
    const auto at = location.rfind("/node_modules/");
    if (at == std::string_view::npos) return false;
    location = location.substr(0, at);
    const auto parent = locations.find(location);
    if (parent == locations.end() || installed_name(location).empty()) continue;
    if (!parent->second->items_of("bundleDependencies").empty() ||
        parent->second->is_true("bundleDependencies")) {
      return true;
    }
  }
}

// An entry of "packages"; its key is where it is installed.
Dependency of_packages(Entries& entries, const Node& node, const Locations& locations) {
  Dependency entry;
  set_flags(entry, node);
  const std::string_view installed = installed_name(node.key);
  const std::string_view stated = node.text_of("name");
  entry.version = node.text_of("version");
  if (installed.empty()) {
    entry.name = stated.empty() ? base_name(node.key) : std::string(stated);
    entry.source = Dependency::Source::path;
    entry.location = node.key;
    return entry;
  }
  entry.name = stated.empty() ? installed : stated;
  if (entry.name != installed) entry.alias = installed;
  if (node.is_true("link")) {
    entry.source = Dependency::Source::path;
    entry.location = node.text_of("resolved");
  } else if (node.is_true("inBundle") && node.text_of("resolved").empty() &&
             is_in_bundler(node.key, locations)) {
    // npm itself ignores the mark, so it alone keeps nothing from being fetched.
    entry.source = Dependency::Source::bundled;
  } else {
    set_npm_source(entries, entry, node.text_of("resolved"), node.text_of("integrity"));
  }
  return entry;
}

// An entry of "dependencies".  Its version may be a place or an alias.
Dependency of_dependencies(Entries& entries, const Node& node, bool is_nested) {
  Dependency entry;
  set_flags(entry, node);
  entry.name = node.key;
  std::string_view version = node.text_of("version");
  std::string_view resolved = node.text_of("resolved");
  if (version.starts_with("npm:")) {
    const auto [name, release] = split_at_version(version.substr(4));
    entry.alias = node.key;
    entry.name = name;
    version = release;
  } else if (version.find(':') != std::string_view::npos) {
    resolved = version;
    version = {};
  }
  entry.version = version;
  if (node.is_true("bundled") && is_nested && resolved.empty()) {
    entry.source = Dependency::Source::bundled;
  } else {
    set_npm_source(entries, entry, resolved, node.text_of("integrity"));
  }
  return entry;
}

// What two entries must share to install the same.
bool same_package(const Dependency& a, const Dependency& b) {
  if (a.name != b.name || a.source != b.source || a.commit != b.commit) return false;
  if (a.source == Dependency::Source::path || a.source == Dependency::Source::git) {
    return a.location == b.location;
  }
  if (a.source == Dependency::Source::url) return a.files == b.files;
  return a.version == b.version && a.files == b.files;
}

// Compares the copy for npm 6 with "packages".  `location` is where the parent is installed.
void check_copy(const Node& parent, const std::string& location, const Locations& locations,
                Entries& unheard, Entries& entries) {
  for (const Node& node : parent.items_of("dependencies")) {
    if (!node.is_map()) continue;
    std::string place = location;
    if (!place.empty()) place += '/';
    place += std::string(kModules) + node.key;
    const auto at = locations.find(place);
    if (at == locations.end()) {
      // npm writes optional packages that it could not find to the copy alone.
      if (!node.text_of("version").empty() || !node.text_of("resolved").empty()) {
        entries.problem(node.line, quoted(node.key) +
                                       " stands in 'dependencies', which npm 6 "
                                       "obeys, but not in 'packages'");
      }
      continue;
    }
    const Dependency theirs = of_packages(unheard, *at->second, locations);
    if (!same_package(of_dependencies(unheard, node, !location.empty()), theirs)) {
      entries.problem(node.line, quoted(node.key) +
                                     " is another one in 'dependencies', which npm "
                                     "6 obeys, than in 'packages' on line " +
                                     std::to_string(theirs.line));
    }
    if (at->second->is_true("link")) place = at->second->text_of("resolved");
    check_copy(node, place, locations, unheard, entries);
  }
}

void read_dependencies(const Node& parent, bool is_nested, Entries& entries) {
  for (const Node& node : parent.items_of("dependencies")) {
    if (!node.is_map()) {
      entries.problem(node.line, quoted(node.key) + " is not an object, so the entry is left out");
      continue;
    }
    entries.add(of_dependencies(entries, node, is_nested));
    // Version 1 does not say what was asked for.
    if (!is_nested) entries.wish("", node.key, "");
    read_dependencies(node, true, entries);
  }
}

void read_packages(const Node& root, const Node& packages, Entries& entries) {
  Locations locations;
  for (const Node& node : packages.items) {
    if (node.is_map()) locations.emplace(node.key, &node);
  }
  for (const Node& node : packages.items) {
    if (!node.is_map()) {
      entries.problem(node.line, quoted(node.key) + " is not an object, so the entry is left out");
      continue;
    }
    if (installed_name(node.key).empty()) entries.wishes(node.key, node);
    if (node.key.empty()) continue;  // the tree itself
    // A workspace has two entries, its folder and a link to it; the folder is the package.
    if (node.is_true("link") && locations.contains(node.text_of("resolved"))) continue;
    entries.add(of_packages(entries, node, locations));
  }
  Entries unheard(Ecosystem::npm, entries.path());
  check_copy(root, "", locations, unheard, entries);
}

}  // namespace

Result<void> read_package_lock(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_json(input.path, input.text));
  if (!root.is_map()) return fail_at(Code::corrupt, input.path, 1, "not a lockfile of npm");
  const Node* version = root.find("lockfileVersion");
  if (version != nullptr && version->text != "1" && version->text != "2" && version->text != "3") {
    return fail_at(Code::unsupported, input.path, version->line,
                   "lockfileVersion " + quoted(version->text) + " is not known; 1, 2 and 3 are");
  }
  const Node* packages = root.find("packages");
  const Node* dependencies = root.find("dependencies");
  for (const Node* part : {packages, dependencies}) {
    if (part != nullptr && !part->is_map()) {
      return fail_at(Code::corrupt, input.path, part->line,
                     quoted(part->key) + " is not an object");
    }
  }
  if (packages != nullptr) {
    read_packages(root, *packages, entries);
  } else if (version != nullptr && version->text == "3") {
    return fail_at(Code::corrupt, input.path, 1, "has no 'packages', which version 3 must have");
  } else {
    read_dependencies(root, false, entries);
  }
  return {};
}

}  // namespace minescan::lockfiles
