// pdm.lock, version 4, and version 3, which keeps the files apart.  Tested by pdm_test.cpp.

#include <algorithm>
#include <map>
#include <utility>

#include "lockfiles/formats.h"
#include "lockfiles/python.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

bool is_development(const Node& package) {
  const auto& groups = package.items_of("groups");
  return !groups.empty() && std::none_of(groups.begin(), groups.end(),
                                         [](const Node& group) { return group.text == "default"; });
}

}  // namespace

Result<void> read_pdm(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_toml(input.path, input.text));
  const Node* metadata = root.find("metadata");
  const auto version = metadata == nullptr ? std::string_view() : metadata->text_of("lock_version");
  if (!version.starts_with("4.") && version != "4" && !version.starts_with("3")) {
    return fail_at(Code::unsupported, input.path, metadata == nullptr ? 1 : metadata->line,
                   "lock_version " + quoted(version) + " is not known; 3 and 4 are");
  }
  std::map<std::string, const Node*> old_files;  // under "name version"
  for (const Node& listed : metadata->items_of("files")) {
    old_files.emplace(listed.key, &listed);
  }
  for (const Node& package : root.items_of("package")) {
    if (entries.is_full()) break;
    Dependency entry;
    entry.line = package.line;
    entry.name = package.text_of("name");
    entry.version = package.text_of("version");
    entry.development = is_development(package);
    const auto old = old_files.find(entry.name + " " + entry.version);
    const auto& files = old != old_files.end() ? old->second->items : package.items_of("files");
    for (const Node& file : files) entry.files.push_back(read_file(file, entries, entry));
    if (const auto git = package.text_of("git"); !git.empty()) {
      entries.set_git(entry, std::string(git), package.text_of("revision"));
    } else if (const auto path = package.text_of("path"); !path.empty()) {
      entry.source = Dependency::Source::path;
      entry.location = path;
    } else if (const auto url = package.text_of("url"); !url.empty()) {
      entry.source = Dependency::Source::url;
      entry.location = cut(url, url.find('#')).first;
    }
    entries.add(std::move(entry));
  }
  return {};
}

}  // namespace minescan::lockfiles
