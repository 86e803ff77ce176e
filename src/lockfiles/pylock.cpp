// pylock.toml (PEP 751).  Tested by pylock_test.cpp.

#include <utility>

#include "lockfiles/formats.h"
#include "lockfiles/places.h"
#include "lockfiles/python.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

// false when the package is the tree itself.
bool set_source(const Node& package, Entries& entries, Dependency& entry) {
  if (const Node* vcs = package.find("vcs")) {
    if (vcs->text_of("type") != "git") {
      entries.problem(vcs->line, quoted(entry.name) + " comes from " +
                                     quoted(vcs->text_of("type")) +
                                     ", which is not read, so the entry is left out");
      return false;
    }
    const auto url = vcs->text_of("url");
    entries.set_git(entry, std::string(url.empty() ? vcs->text_of("path") : url),
                    vcs->text_of("commit-id"));
  } else if (const Node* directory = package.find("directory")) {
    entry.source = Dependency::Source::path;
    entry.location = directory->text_of("path");
    return !is_same_folder(entry.location);
  } else if (const Node* archive = package.find("archive")) {
    const auto url = archive->text_of("url");
    entry.source = url.empty() ? Dependency::Source::path : Dependency::Source::url;
    entry.location = url.empty() ? archive->text_of("path") : url;
    entry.files.push_back(read_file(*archive, entries, entry));
  }
  return true;
}

}  // namespace

Result<void> read_pylock(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_toml(input.path, input.text));
  const auto version = root.text_of("lock-version");
  if (version != "1" && !version.starts_with("1.")) {
    const Node* at = root.find("lock-version");
    return fail_at(Code::unsupported, input.path, at == nullptr ? 1 : at->line,
                   "lock-version " + quoted(version) + " is not known; 1 is");
  }
  for (const Node& package : root.items_of("packages")) {
    Dependency entry;
    entry.line = package.line;
    entry.name = package.text_of("name");
    entry.version = package.text_of("version");
    entry.registry = package.text_of("index");
    if (const Node* sdist = package.find("sdist")) {
      entry.files.push_back(read_file(*sdist, entries, entry));
    }
    for (const Node& wheel : package.items_of("wheels")) {
      entry.files.push_back(read_file(wheel, entries, entry));
    }
    if (set_source(package, entries, entry)) entries.add(std::move(entry));
  }
  return {};
}

}  // namespace minescan::lockfiles
