// uv.lock, version 1.  Tested by uv_test.cpp.

#include <utility>

#include "lockfiles/formats.h"
#include "lockfiles/places.h"
#include "lockfiles/python.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

// false when the package is the tree itself.
bool set_source(const Node& source, Entries& entries, Dependency& entry) {
  for (const char* key : {"directory", "editable", "virtual", "path"}) {
    const std::string_view path = source.text_of(key);
    if (path.empty()) continue;
    entry.source = Dependency::Source::path;
    entry.location = path;
    return !is_same_folder(path);
  }
  if (const auto url = source.text_of("git"); !url.empty()) {
    entries.set_git(entry, url);
  } else if (const auto archive = source.text_of("url"); !archive.empty()) {
    entry.source = Dependency::Source::url;
    entry.location = archive;
  } else if (const auto index = source.text_of("registry"); !index.empty()) {
    // A folder of archives is an index too.
    if (is_web_url(index)) {
      entry.registry = index;
    } else {
      entry.source = Dependency::Source::path;
      entry.location = index;
    }
  } else {
    entries.problem(entry.line, quoted(entry.name) + " comes from a source of an unknown kind");
  }
  return true;
}

}  // namespace

Result<void> read_uv(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_toml(input.path, input.text));
  const Node* version = root.find("version");
  if (version == nullptr || version->text != "1") {
    return fail_at(Code::unsupported, input.path, version == nullptr ? 1 : version->line,
                   "is no lockfile of uv of version 1, the only one that is known");
  }
  for (const Node& package : root.items_of("package")) {
    Dependency entry;
    entry.line = package.line;
    entry.name = package.text_of("name");
    entry.version = package.text_of("version");
    if (const Node* sdist = package.find("sdist")) {
      entry.files.push_back(read_file(*sdist, entries, entry));
    }
    for (const Node& wheel : package.items_of("wheels")) {
      entry.files.push_back(read_file(wheel, entries, entry));
    }
    const Node* source = package.find("source");
    if (source != nullptr && !set_source(*source, entries, entry)) continue;
    entries.add(std::move(entry));
  }
  return {};
}

}  // namespace minescan::lockfiles
