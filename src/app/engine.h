#pragma once
// Which program this is, as exactly as a kept record needs it.

#include <optional>
#include <string>

namespace minescan::app {

// A digest of the version and of the build ids of the program and of all libraries it was started
// with: linkers make a build id from all bytes that they write, so that any other code, compiler,
// option, built-in signature or library is another engine.  nullopt when one of them has none, or
// where there is no such list: then nobody can tell.
std::optional<std::string> engine_identity();

}  // namespace minescan::app
