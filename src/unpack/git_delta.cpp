#include "unpack/git_delta.h"

#include "base/bytes.h"
#include "base/reader.h"

namespace minescan::unpack {
namespace {

std::optional<std::uint64_t> read_size(Reader& in) {
  std::uint64_t size = 0;
  // Nine bytes of seven bits: nothing is as long as what a tenth one would say.
  for (unsigned shift = 0; shift < 63; shift += 7) {
    const auto byte = in.little<std::uint8_t>();
    if (!byte) return std::nullopt;
    size |= static_cast<std::uint64_t>(*byte & 0x7fU) << shift;
    if ((*byte & 0x80U) == 0) return size;
  }
  return std::nullopt;
}

std::optional<DeltaSizes> read_sizes(Reader& in) {
  const auto base = read_size(in);
  const auto result = base ? read_size(in) : std::nullopt;
  if (!result) return std::nullopt;
  return DeltaSizes{.base = *base, .result = *result};
}

// Bits of the command say which bytes of a number follow.
std::optional<std::uint32_t> read_some(Reader& in, unsigned which, unsigned count) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i) {
    if ((which >> i & 1U) == 0) continue;
    const auto byte = in.little<std::uint8_t>();
    if (!byte) return std::nullopt;
    value |= static_cast<std::uint32_t>(*byte) << (8 * i);
  }
  return value;
}

}  // namespace

std::optional<DeltaSizes> delta_sizes(std::string_view delta) {
  Reader in(as_bytes(delta));
  return read_sizes(in);
}

std::optional<std::string> apply_delta(std::string_view base, std::string_view delta) {
  Reader in(as_bytes(delta));
  const auto sizes = read_sizes(in);
  if (!sizes || sizes->base != base.size()) return std::nullopt;
  std::string result;
  // Of a promise of this size no page is touched before there are bytes for it.
  result.reserve(static_cast<std::size_t>(sizes->result));
  while (in.left() != 0) {
    const unsigned command = *in.little<std::uint8_t>();
    std::string_view piece;
    if ((command & 0x80U) != 0) {
      const auto offset = read_some(in, command, 4);
      const auto told = read_some(in, command >> 4, 3);
      if (!offset || !told) return std::nullopt;
      // As nobody copies nothing, 0 stands for the most that two bytes cannot say.
      const std::uint64_t size = *told == 0 ? 0x10000 : *told;
      if (*offset > base.size() || size > base.size() - *offset) return std::nullopt;
      piece = base.substr(*offset, static_cast<std::size_t>(size));
    } else {
      const auto bytes = in.take(command);
      if (command == 0 || !bytes) return std::nullopt;  // 0 has no meaning
      piece = as_text(*bytes);
    }
    if (piece.size() > sizes->result - result.size()) return std::nullopt;
    result += piece;
  }
  if (result.size() != sizes->result) return std::nullopt;
  return result;
}

}  // namespace minescan::unpack
