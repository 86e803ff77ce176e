// packages.lock.json of NuGet, versions 1 and 2.  Its digests are of a package without its
// signature, so they have a name of their own and verify no file as it is fetched.  Tested by
// nuget_test.cpp.

#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/integrity.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {

Result<void> read_nuget(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_json(input.path, input.text));
  const Node* version = root.find("version");
  if (version == nullptr || (version->text != "1" && version->text != "2")) {
    return fail_at(Code::unsupported, input.path, version == nullptr ? 1 : version->line,
                   "is no lockfile of NuGet of version 1 or 2, the only ones that are known");
  }
  for (const Node& framework : root.items_of("dependencies")) {
    for (const Node& node : framework.items) {
      Dependency entry;
      entry.line = node.line;
      entry.name = node.key;
      entry.version = node.text_of("resolved");
      if (lower(node.text_of("type")) == "project") {
        entry.source = Dependency::Source::path;
      } else if (const auto hash = node.text_of("contentHash"); !hash.empty()) {
        if (auto digest = base64_digest("contentHash", hash)) {
          entry.files.push_back({.integrity = {std::move(*digest)}});
        } else {
          entries.problem(node.line, quoted(hash) + " of " + quoted(node.key) + " is no digest");
        }
      }
      entries.add(std::move(entry));
    }
  }
  return {};
}

}  // namespace minescan::lockfiles
