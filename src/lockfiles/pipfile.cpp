// Pipfile.lock.  Tested by pipfile_test.cpp.

#include <map>
#include <utility>

#include "lockfiles/formats.h"
#include "lockfiles/places.h"
#include "lockfiles/python.h"
#include "lockfiles/requirement.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

using Indices = std::map<std::string_view, std::string_view>;  // URL by name

// false when the package is the tree itself, or a problem.
bool set_source(const Node& node, const Indices& indices, Entries& entries, Dependency& entry) {
  if (const auto git = node.text_of("git"); !git.empty()) {
    const auto place = git_place(git, true);
    entries.set_git(entry, place ? place->repository : std::string(git), node.text_of("ref"));
    return true;
  }
  auto path = node.text_of("path");
  if (const auto file = node.text_of("file"); !file.empty()) {
    if (is_web_url(file)) {
      if (entry.files.empty()) entry.files.emplace_back();
      entry.source = Dependency::Source::url;
      entry.location = cut(file, file.find('#')).first;
      entry.files[0].url = entry.location;
      entry.files[0].name = base_name(file);
      return true;
    }
    path = file.starts_with("file:") ? file.substr(5) : file;
  }
  if (!path.empty()) return read_path(path, entries, entry);
  if (const auto index = node.text_of("index"); !index.empty()) {
    const auto known = indices.find(index);
    if (known == indices.end()) {
      entries.problem(entry.line, quoted(entry.name) + " comes from the index " + quoted(index) +
                                      ", which '_meta' does not name");
    } else {
      entry.registry = known->second;
    }
  }
  return true;
}

void read_entry(const Node& node, bool development, const Indices& indices, Entries& entries) {
  Dependency entry;
  entry.line = node.line;
  entry.file = entries.path();
  entry.name = node.key;
  entry.development = development;
  const auto specifiers = node.is_map() ? node.text_of("version") : std::string_view(node.text);
  if (specifiers != "*") {
    const auto version = pinned_version(specifiers);
    if (!version) {
      entries.problem(node.line,
                      quoted(specifiers) + " of " + quoted(entry.name) + " is no version");
    }
    entry.version = version.value_or("");
  }
  for (const Node& hash : node.items_of("hashes")) {
    if (entry.files.empty()) entry.files.emplace_back();
    entries.add_digest(entry, hash.text, entry.files.front());
  }
  if (set_source(node, indices, entries, entry)) entries.add(std::move(entry));
}

}  // namespace

Result<void> read_pipfile(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_json(input.path, input.text));
  const Node* meta = root.find("_meta");
  if (meta == nullptr) {
    return fail_at(Code::corrupt, input.path, 1, "has no '_meta', so it is none of Pipenv's");
  }
  const Node* spec = meta->find("pipfile-spec");
  if (spec != nullptr && spec->text != "6") {
    return fail_at(Code::unsupported, input.path, spec->line,
                   "pipfile-spec " + quoted(spec->text) + " is not known; 6 is");
  }
  Indices indices;
  for (const Node& source : meta->items_of("sources")) {
    indices.emplace(source.text_of("name"), source.text_of("url"));
  }
  // Besides "default" and "develop" there may be categories of any name.
  for (const Node& category : root.items) {
    if (category.key == "_meta") continue;
    if (!category.is_map()) {
      entries.problem(category.line, quoted(category.key) + " is not an object, so it is left out");
      continue;
    }
    for (const Node& node : category.items) {
      read_entry(node, category.key == "develop", indices, entries);
    }
  }
  return {};
}

}  // namespace minescan::lockfiles
