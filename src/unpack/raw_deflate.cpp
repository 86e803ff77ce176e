#include "unpack/raw_deflate.h"

#include <algorithm>

#include "unpack/inflater.h"

namespace minescan::unpack {
namespace {

constexpr std::size_t kRoom = std::size_t{256} << 10;

}  // namespace

std::optional<Inflated> inflate_all(ByteView bytes, std::size_t most) {
  // Two bits of the first byte must not both be set.
  if (bytes.empty() || (std::to_integer<unsigned>(bytes[0]) & 6u) == 6u) return std::nullopt;
  Inflater inflater;
  Inflated inflated;
  std::string room;
  // Most of what is asked is none, which shows at once.
  room.resize(std::min(kRoom, std::max<std::size_t>(4 * bytes.size(), 4096)));
  while (true) {
    const auto progress =
        inflater.run(bytes, {reinterpret_cast<std::byte*>(room.data()), room.size()});
    if (progress.bad) return std::nullopt;
    inflated.bytes.append(room, 0, progress.made);
    bytes = bytes.subspan(progress.used);
    if (progress.end) {
      if (!bytes.empty()) return std::nullopt;
      return inflated;
    }
    if (inflated.bytes.size() >= most) {
      inflated.cut = true;
      return inflated;
    }
    if (progress.used == 0 && progress.made == 0) return std::nullopt;
  }
}

}  // namespace minescan::unpack
