#pragma once
// Deltas of git's packs: an object as copies of parts of another one and bytes between them.  Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace minescan::unpack {

struct DeltaSizes {
  std::uint64_t base = 0;
  std::uint64_t result = 0;
};
// The sizes stand at the front, in this many bytes at most.
inline constexpr std::size_t kLongestSizes = 18;
std::optional<DeltaSizes> delta_sizes(std::string_view delta);

// What the delta makes of the base; nullopt unless it is as git writes one and fits to the base.
// Room is made for the size that the delta tells: whoever calls has looked at that.
std::optional<std::string> apply_delta(std::string_view base, std::string_view delta);

}  // namespace minescan::unpack
