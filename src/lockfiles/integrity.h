#pragma once
// Promised digests in the spellings of lockfiles.

#include <optional>
#include <string_view>
#include <vector>

#include "model/dependency.h"

namespace minescan::lockfiles {

// Appends what a Subresource Integrity text promises: "sha512-<base64> sha1-<base64>?options".
// false when a part of it is no digest, or when it is more than the 64 that are appended; the
// others are appended all the same.
bool add_sri(std::string_view text, std::vector<Integrity>& out);

// "sha256:<hex>" or "sha256=<hex>".
std::optional<Integrity> prefixed_digest(std::string_view text);

// nullopt when `hex` is not hexadecimal or not as long as the algorithm's digests are.
std::optional<Integrity> hex_digest(std::string_view algorithm, std::string_view hex);
std::optional<Integrity> base64_digest(std::string_view algorithm, std::string_view base64);

}  // namespace minescan::lockfiles
