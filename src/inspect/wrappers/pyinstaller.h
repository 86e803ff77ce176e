#pragma once
// PyInstaller: a Python program and all that it needs behind a boot loader.  Facts: the table of
// contents and the cookie of its CArchive, the table of its PYZ.

#include "inspect/wrappers/parts.h"

namespace minescan::inspect::wrappers {

// `at` is where the cookie's magic lies in the block.  Compiled Python comes as .pyc files,
// whatever PyInstaller leaves of them; other entries as they are stored, compressed ones as zlib.
// False when no package ends there.
bool unpack_pyinstaller(const Wrapped& block, std::size_t at, Parts& parts);

}  // namespace minescan::inspect::wrappers
