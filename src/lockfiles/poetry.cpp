// poetry.lock, versions 1 and 2.  Tested by poetry_test.cpp.

#include <map>
#include <utility>

#include "lockfiles/formats.h"
#include "lockfiles/python.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

void set_source(const Node& source, Entries& entries, Dependency& entry) {
  const std::string_view type = source.text_of("type");
  const std::string url(source.text_of("url"));
  if (type == "git") {
    const auto commit = source.text_of("resolved_reference");
    entries.set_git(entry, url, commit.empty() ? source.text_of("reference") : commit);
  } else if (type == "url") {
    entry.source = Dependency::Source::url;
    entry.location = url;
    if (entry.files.size() == 1 && entry.files[0].url.empty()) entry.files[0].url = url;
  } else if (type == "file" || type == "directory") {
    entry.source = Dependency::Source::path;
    entry.location = url;
  } else if (type == "legacy") {
    entry.registry = url;
  } else {
    entries.problem(entry.line, quoted(entry.name) + " comes from a source of the unknown type " +
                                    quoted(type));
  }
}

// Of files that several versions of one package share, those of this one.
bool is_of_version(const PackageFile& file, const std::string& version) {
  const auto release = release_of(file.name).second;
  return release.empty() || release == version;
}

// Version 1 keeps the files of all packages apart, under their names.
void add_old_files(const Node& listed, Entries& entries, Dependency& entry) {
  for (const Node& item : listed.items) {
    if (item.is_map()) {
      PackageFile file = read_file(item, entries, entry);
      if (is_of_version(file, entry.version)) entry.files.push_back(std::move(file));
    } else {  // version 1.0: digests alone
      if (entry.files.empty()) entry.files.emplace_back();
      const bool bare = item.text.find(':') == std::string::npos;
      entries.add_digest(entry, bare ? "sha256:" + item.text : item.text, entry.files.front());
    }
  }
}

bool is_development(const Node& package) {
  if (package.text_of("category") == "dev") return true;
  const auto& groups = package.items_of("groups");
  for (const Node& group : groups) {
    if (group.text == "main") return false;
  }
  return !groups.empty();
}

}  // namespace

Result<void> read_poetry(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_toml(input.path, input.text));
  const Node* metadata = root.find("metadata");
  if (metadata == nullptr) {
    return fail_at(Code::corrupt, input.path, 1, "has no [metadata], so it is none of poetry's");
  }
  const auto version = metadata->text_of("lock-version");
  if (!version.starts_with("1.") && !version.starts_with("2.")) {
    return fail_at(Code::unsupported, input.path, metadata->line,
                   "lock-version " + quoted(version) + " is not known; 1 and 2 are");
  }
  std::map<std::string, const Node*> old_files;
  for (const char* key : {"files", "hashes"}) {
    for (const Node& listed : metadata->items_of(key)) {
      old_files.emplace(normalised_name(Ecosystem::pypi, listed.key), &listed);
    }
  }
  for (const Node& package : root.items_of("package")) {
    if (entries.is_full()) break;
    Dependency entry;
    entry.line = package.line;
    entry.name = package.text_of("name");
    entry.version = package.text_of("version");
    entry.optional = package.is_true("optional");
    entry.development = is_development(package);
    for (const Node& file : package.items_of("files")) {
      entry.files.push_back(read_file(file, entries, entry));
    }
    const auto old = old_files.find(normalised_name(Ecosystem::pypi, entry.name));
    if (entry.files.empty() && old != old_files.end()) add_old_files(*old->second, entries, entry);
    if (const Node* source = package.find("source")) set_source(*source, entries, entry);
    entries.add(std::move(entry));
  }
  return {};
}

}  // namespace minescan::lockfiles
