#pragma once
// Programs made of a JavaScript engine and scripts: nexe, pkg, Bun, Deno.  Node.js's own blobs are
// a format of unpack, because they have a header in front.

#include "inspect/wrappers/parts.h"

namespace minescan::inspect::wrappers {

// Each gets where a mark of the wrapper lies in the block.  False when nothing ends or begins
// there.
bool unpack_nexe(const Wrapped& block, std::size_t sentinel, Parts& parts);
bool unpack_pkg(const Wrapped& block, std::size_t prelude, Parts& parts);
bool unpack_bun(const Wrapped& block, std::size_t trailer, Parts& parts);
// `before` is where the mark came before that; Deno has it at both ends since 2.0.
bool unpack_deno(const Wrapped& block, std::optional<std::size_t> before, std::size_t mark,
                 Parts& parts);

inline constexpr std::string_view kNexeSentinel = "<nexe~~sentinel>";
// Parameters of the function that holds all of pkg's prelude.
inline constexpr std::string_view kPkgPrelude = "EXECPATH_FD, PAYLOAD_POSITION, PAYLOAD_SIZE";
inline constexpr std::string_view kBunTrailer = "\n---- Bun! ----\n";
inline constexpr std::string_view kDenoMark = "d3n0l4nd";

}  // namespace minescan::inspect::wrappers
