#include "lockfiles/npm_source.h"

#include <utility>

#include "lockfiles/places.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {

void set_npm_source(Entries& entries, Dependency& entry, std::string_view resolved,
                    std::string_view sri) {
  PackageFile file;
  if (auto place = git_place(resolved)) {
    entries.set_git(entry, std::move(place->repository), place->commit);
  } else if (is_web_url(resolved)) {
    file.url = std::string(cut(resolved, resolved.find('#')).first);
    if (!is_registry_tarball(file.url, entry.name, entry.version)) {
      entry.source = Dependency::Source::url;
      entry.location = file.url;
    }
  } else if (!resolved.empty()) {
    if (resolved.starts_with("file:")) {
      resolved.remove_prefix(5);
    } else if (!resolved.starts_with('.') && !resolved.starts_with('/') &&
               resolved.find(':') == std::string_view::npos) {
      // "1.2.3" and "latest" are asked for in the registry, "owner/name" in a forge.
      entries.problem(entry.line, quoted(entry.name) + " comes from " + quoted(resolved) +
                                      ", which is neither a URL nor a file: path");
    }
    entry.source = Dependency::Source::path;
    entry.location = std::string(resolved);
  }
  if (!sri.empty()) entries.add_sri(entry, sri, file);
  if (!file.url.empty() || !file.integrity.empty()) entry.files.push_back(std::move(file));
}

}  // namespace minescan::lockfiles
