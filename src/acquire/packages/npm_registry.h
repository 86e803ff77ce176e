#pragma once
// Reading what an npm registry says of a package.  Pure; fuzzed.  Tested by npm_registry_test.cpp.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "model/dependency.h"

namespace minescan::acquire {

// Whether a package can have this name: "name" or "@scope/name", no part of which could change the
// meaning of a URL.
bool is_npm_name(std::string_view name);

// "@scope%2fname": the path below the registry.
std::string npm_path(std::string_view name);

struct NpmVersion {
  std::string version;
  std::string tarball;               // URL, maybe relative to the document's
  std::vector<Integrity> integrity;  // dist.integrity; dist.shasum when there is none of use
};

// Out of the registry's document of one package.  `wanted` is a version or a tag; "" means the tag
// "latest", or the highest version when there is no such tag.  `what` is for messages:
// "npm:left-pad".
Result<NpmVersion> choose_npm_version(const Json& document, const std::string& wanted,
                                      const std::string& what);

}  // namespace minescan::acquire
