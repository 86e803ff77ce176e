// bun.lock.  Tested by bun_test.cpp.

#include <algorithm>
#include <set>
#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/npm_source.h"
#include "lockfiles/places.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

// The name that the last part of "a/@scope/b" installs.
std::string_view installed_name(std::string_view key) {
  auto slash = key.rfind('/');
  if (slash == std::string_view::npos) return key;
  const auto before = key.rfind('/', slash - 1);
  const auto scope = before == std::string_view::npos || slash == 0 ? 0 : before + 1;
  return key.substr(key.substr(scope).starts_with('@') ? scope : slash + 1);
}

// The digest is the last text of the tuple, if it is one.
std::string_view integrity_of(const Node& tuple) {
  const Node& last = tuple.items.back();
  const bool is_digest = tuple.items.size() > 1 && last.is_text() && last.text.starts_with("sha");
  return is_digest ? std::string_view(last.text) : std::string_view();
}

void set_source(const Node& tuple, std::string_view place, Entries& entries, Dependency& entry) {
  for (const char* protocol : {"workspace:", "file:", "link:", "root:"}) {
    if (!place.starts_with(protocol)) continue;
    entry.source = Dependency::Source::path;
    entry.location = place.substr(std::string_view(protocol).size());
    return;
  }
  if (auto git = git_place(place)) {
    entries.set_git(entry, std::move(git->repository), git->commit);
    return;
  }
  const auto integrity = integrity_of(tuple);
  if (is_web_url(place) || place.find('/') != std::string_view::npos) {
    set_npm_source(entries, entry, place, integrity);
    return;
  }
  entry.version = place;
  const Node* second = tuple.items.size() > 1 ? &tuple.items[1] : nullptr;
  const std::string_view registry =
      second != nullptr && second->is_text() ? std::string_view(second->text) : std::string_view();
  // Bun writes the archive's URL when it is not the one that the default registry would give.
  const bool is_archive =
      lower(registry).ends_with(".tgz") || registry.find("/-/") != std::string_view::npos;
  if (!is_archive && registry != integrity) entry.registry = registry;
  set_npm_source(entries, entry, is_archive ? registry : std::string_view(), integrity);
}

}  // namespace

Result<void> read_bun(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_jsonc(input.path, input.text));
  const Node* version = root.find("lockfileVersion");
  if (version == nullptr || (version->text != "0" && version->text != "1")) {
    return fail_at(Code::unsupported, input.path, version == nullptr ? 1 : version->line,
                   "is no lockfile of bun of version 0 or 1, the only ones that are known");
  }
  std::set<std::string_view> trusted;  // their scripts run when they are installed
  for (const Node& name : root.items_of("trustedDependencies")) trusted.insert(name.text);
  for (const Node& folder : root.items_of("workspaces")) entries.wishes(folder.key, folder);
  for (const Node& tuple : root.items_of("packages")) {
    if (tuple.kind != Node::Kind::list || tuple.items.empty() || !tuple.items[0].is_text()) {
      entries.problem(tuple.line, quoted(tuple.key) +
                                      " is no list that begins with a text, so the "
                                      "entry is left out");
      continue;
    }
    Dependency entry;
    entry.line = tuple.line;
    const auto [name, place] = split_at_version(tuple.items[0].text);
    const auto installed = installed_name(tuple.key);
    entry.name = name;
    if (installed != name) entry.alias = installed;
    entry.install_script = trusted.contains(installed) || trusted.contains(name);
    set_source(tuple, place, entries, entry);
    entries.add(std::move(entry));
  }
  return {};
}

Result<void> read_bun_binary(const Input& input, Entries& /*entries*/) {
  return fail_at(Code::unsupported, input.path, 1,
                 "bun's binary lockfiles are not read; write bun.lock with 'bun install "
                 "--save-text-lockfile'");
}

}  // namespace minescan::lockfiles
