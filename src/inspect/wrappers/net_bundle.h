#pragma once
// .NET's single files: assemblies and what they need behind a host.  Facts: the manifest of
// Microsoft.NET.HostModel, versions 1 to 6.

#include "inspect/wrappers/parts.h"

namespace minescan::inspect::wrappers {

// Behind the position of the manifest, in every host; SHA-256 of ".net core bundle\n".
inline constexpr std::string_view kNetMark(
    "\x8b\x12\x02\xb9\x6a\x61\x20\x38\x72\x7b\x93\x02\x14\xd7\xa0\x32"
    "\x13\xf5\xb9\xe6\xef\xae\x33\x18\xee\x3b\x2d\xce\x24\xb3\x6a\xae");

// `mark` is where it lies in the block.  False when the host has no bundle.
bool unpack_net_bundle(const Wrapped& block, std::size_t mark, Parts& parts);

}  // namespace minescan::inspect::wrappers
