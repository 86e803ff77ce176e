// yarn.lock of yarn 2 and later.  Its checksums are of yarn's own archives and verify nothing that
// is fetched, so no digest is taken from it.  Tested by yarn_test.cpp.

#include <charconv>
#include <utility>

#include "lockfiles/descriptors.h"
#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/npm_source.h"
#include "lockfiles/places.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

constexpr int kDeepestPatch = 8;  // patches of patches
constexpr int kOldest = 3;
constexpr int kNewest = 9;

// The value of a parameter behind "::", decoded.
std::string parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    const auto [one, rest] = cut(parameters, parameters.find('&'));
    parameters = rest;
    const auto [key, value] = cut(one, one.find('='));
    if (key == name) return percent_decoded(value);
  }
  return {};
}

// Of "name@protocol:rest".  false when the entry is the tree itself, or a problem.
bool set_resolution(std::string_view resolution, Entries& entries, Dependency& entry,
                    int depth = 0) {
  const auto [name, reference] = split_at_version(resolution);
  const auto bind = reference.find("::");
  const auto place = reference.substr(0, bind);
  const auto parameters =
      bind == std::string_view::npos ? std::string_view() : reference.substr(bind + 2);
  const auto [protocol, rest] = cut(place, place.find(':'));
  const auto [path, fragment] = cut(rest, rest.find('#'));
  entry.name = name;
  if (protocol == "npm") {
    if (!entry.version.empty() && entry.version != rest) {
      entries.problem(entry.line, quoted(entry.name) + " has the version " + quoted(entry.version) +
                                      ", but its resolution is " + quoted(resolution));
    }
    entry.version = rest;
    set_npm_source(entries, entry, parameter(parameters, "__archiveUrl"), "");
    return true;
  }
  if (protocol == "patch" && depth < kDeepestPatch) {
    // The patches are files of the tree, or of yarn itself.
    return set_resolution(percent_decoded(path), entries, entry, depth + 1);
  }
  if (protocol == "workspace" || protocol == "file" || protocol == "portal" || protocol == "link" ||
      protocol == "exec") {
    entry.source = Dependency::Source::path;
    entry.location = path;
    entry.install_script = protocol == "exec";
    if (protocol == "workspace") entry.version.clear();
    return !(protocol == "workspace" && is_same_folder(path));
  }
  const bool names_commit = fragment.find("commit") != std::string_view::npos;
  if (names_commit || git_place(place)) {
    entries.set_git(entry, place);
    return true;
  }
  if (is_web_url(place)) {
    set_npm_source(entries, entry, place, "");
    return true;
  }
  entries.problem(entry.line, quoted(resolution) +
                                  " comes from a source of an unknown kind, so the entry is left "
                                  "out");
  return false;
}

std::vector<Descriptor> descriptors_of(std::string_view key) {
  std::vector<Descriptor> all;
  while (!key.empty()) {
    const auto comma = key.find(", ");
    all.push_back(descriptor(key.substr(0, comma)));
    key.remove_prefix(comma == std::string_view::npos ? key.size() : comma + 2);
  }
  return all;
}

void read_entry(const Node& node, Entries& entries) {
  const auto resolution = node.text_of("resolution");
  if (resolution.empty()) {
    entries.problem(node.line, quoted(node.key) + " has no resolution, so the entry is left out");
    return;
  }
  for (const Descriptor& one : descriptors_of(node.key)) {
    const bool is_alias = one.installed != one.name;
    entries.wish("*", one.installed, is_alias ? "npm:" + one.name + "@" + one.range : one.range);
  }
  Dependency entry;
  entry.line = node.line;
  entry.version = node.text_of("version");
  if (!set_resolution(resolution, entries, entry)) return;
  // By which name it is installed the key says, the resolution which package it is.
  std::vector<Descriptor> all = descriptors_of(node.key);
  for (Descriptor& one : all) one.name = entry.name;
  for (const Descriptor& one : distinct(std::move(all))) {
    if (entries.is_full()) return;
    Dependency installed = entry;
    if (one.installed != entry.name) installed.alias = one.installed;
    entries.add(std::move(installed));
  }
}

}  // namespace

Result<void> read_yarn_berry(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const auto documents, parse_yaml(input.path, input.text));
  if (documents.size() != 1 || !documents[0].is_map()) {
    return fail_at(Code::corrupt, input.path, 1, "not a lockfile of yarn");
  }
  const Node& root = documents[0];
  const Node* metadata = root.find("__metadata");
  const auto text = metadata == nullptr ? std::string_view() : metadata->text_of("version");
  int version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version);
  if (version < kOldest || version > kNewest) {
    return fail_at(Code::unsupported, input.path, metadata == nullptr ? 1 : metadata->line,
                   "version " + quoted(text) + " is not known; 3 to 9 are");
  }
  for (const Node& node : root.items) {
    if (node.key != "__metadata") read_entry(node, entries);
  }
  return {};
}

Result<void> read_yarn(const Input& input, Entries& entries) {
  Lines lines(input.text);
  while (lines.next()) {
    if (lines.line().starts_with("__metadata:")) return read_yarn_berry(input, entries);
  }
  return read_yarn_classic(input, entries);
}

}  // namespace minescan::lockfiles
