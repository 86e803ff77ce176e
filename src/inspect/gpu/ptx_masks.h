#pragma once
// What 64 characters of PTX are, a bit each, the first one lowest.  Libraries carry hundreds of
// megabytes of PTX, and nearly all of it is names of registers and instructions, which are passed
// over by counting bits.

#include <cstddef>
#include <cstdint>

namespace minescan::inspect::gpu {

inline constexpr std::size_t kPtxBlock = 64;

struct PtxMasks {
  std::uint64_t word = 0;  // letters, digits and "_.%$"
  std::uint64_t digit = 0;
  std::uint64_t dot = 0;
  std::uint64_t other = 0;  // "/", "=" and "-"
};

// `text` holds kPtxBlock characters.
PtxMasks ptx_masks(const char* text);
// The same, on any processor.
PtxMasks plain_ptx_masks(const char* text);

}  // namespace minescan::inspect::gpu
