#pragma once
// Borrowed bytes.  Whoever passes a ByteView keeps the bytes alive for the call; a callee that
// wants to keep them copies.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace minescan {

using ByteView = std::span<const std::byte>;
// Room for bytes, the caller's.
using OutBytes = std::span<std::byte>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// How many line ends there are.
std::uint32_t newlines(ByteView bytes);

}  // namespace minescan
