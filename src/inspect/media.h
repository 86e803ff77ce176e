#pragma once
// Programs that lie in or behind a picture, sound or a document, where nobody expects one.

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace minescan::inspect {

// Whether a file that begins so is a picture, sound, film or PDF.
bool is_media(ByteView head);
inline constexpr std::size_t kMediaHead = 16;  // first bytes that tell it

// The offset, `from` or higher, of the next ELF or PE program in a window.  Its headers must be
// whole and such that a system would start it: the marks alone are in any bytes.  Headers that the
// window cuts off are not found: windows should overlap by kProgramHead.
std::optional<std::uint64_t> find_program(ByteView window, std::size_t from);
inline constexpr std::size_t kProgramHead = 4096;  // bytes

}  // namespace minescan::inspect
