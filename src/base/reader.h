#pragma once
// The one door to numbers in untrusted bytes.  Every read is bounds-checked; a read past the end
// yields nullopt and moves nothing.  Offsets and sizes found in the input are claims: pass them to
// slice(), which checks them against what is there.

#include <concepts>
#include <cstring>
#include <optional>

#include "base/bytes.h"

namespace minescan {

class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - position_; }

  bool seek(std::uint64_t offset) {
    if (offset > bytes_.size()) return false;
    position_ = static_cast<std::size_t>(offset);
    return true;
  }

  // The next n bytes, or nothing when fewer are left.
  std::optional<ByteView> take(std::uint64_t n) {
    if (n > left()) return std::nullopt;
    const ByteView view = bytes_.subspan(position_, static_cast<std::size_t>(n));
    position_ += static_cast<std::size_t>(n);
    return view;
  }

  template <std::unsigned_integral T>
  std::optional<T> little() {
    return number<T>(false);
  }

  template <std::unsigned_integral T>
  std::optional<T> big() {
    return number<T>(true);
  }

  // The bytes [offset, offset+size), wherever the reader stands.
  [[nodiscard]] std::optional<ByteView> slice(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return std::nullopt;
    return bytes_.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  }

 private:
  template <std::unsigned_integral T>
  std::optional<T> number(bool big_endian) {
    const auto view = take(sizeof(T));
    if (!view) return std::nullopt;
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      const std::size_t at = big_endian ? i : sizeof(T) - 1 - i;
      value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) |
                             std::to_integer<std::uint64_t>((*view)[at]));
    }
    return value;
  }

  ByteView bytes_;
  std::size_t position_ = 0;
};

}  // namespace minescan
