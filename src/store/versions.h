#pragma once
// The highest version of each signature pack that was used here: an older one is signed as well,
// and only this tells that it is old.
//
//   DIRECTORY/pack-<key id>-<name>   the version in decimal digits, and a line end

#include <cstdint>
#include <string>

#include "base/result.h"
#include "model/signature_pack.h"

namespace minescan::store {

// Where it stands, for messages.
std::string version_file(const std::string& directory, const SignaturePack& pack);

// 0 when none was used yet.  Code::corrupt when something else than a version stands there; as
// open_directory() when there is no directory to trust.
Result<std::uint64_t> highest_version(const std::string& directory, const SignaturePack& pack);

// Remembers the pack's version unless a higher one is known; makes the directory.  When another
// process does the same at the moment nothing is written: whoever uses the pack again tries again.
Result<void> remember_version(const std::string& directory, const SignaturePack& pack);

}  // namespace minescan::store
