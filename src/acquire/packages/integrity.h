#pragma once
// What registries and lockfiles promise of a file's bytes.  Tested by integrity_test.cpp.

#include <string>
#include <string_view>
#include <vector>

#include "model/dependency.h"

namespace minescan::acquire {

// Subresource integrity: "sha512-<base64> sha1-<base64>?option".  Values that are not base64 or not
// as long as their algorithm's digest are left out, as are algorithms that digest_size() does not
// know.
std::vector<Integrity> parse_sri(std::string_view text);

// Those of the strongest algorithm, in "sha512:hex" spelling, sorted, each once: sha512, sha384,
// sha256, sha1, md5.  Any of them is right.  Malformed and unknown ones do not count; empty when
// none is left.
std::vector<std::string> strongest(const std::vector<Integrity>& promised);

}  // namespace minescan::acquire
