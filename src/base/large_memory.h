#pragma once
// Memory for what is large and used at once.  Every page that is touched for the first time costs
// more than what is then written to it, so such memory asks for pages of 2 MiB.

#include <cstddef>

namespace minescan {

// At least `size` bytes, not set to anything; nullptr when there are none.  To be given to free().
void* allocate_large(std::size_t size) noexcept;

// Tells the system that these bytes will all be written to.  Where that is refused, small pages do.
void expect_large(void* begin, std::size_t size) noexcept;

}  // namespace minescan
