#pragma once
// Fields of the structs in a program, one after the other, in the byte order that its header tells.
// After the first read past the end everything reads as 0 and good() is false, so that a struct is
// read in one go and asked once whether it was all there.

#include <concepts>
#include <string_view>

#include "base/reader.h"

namespace minescan::inspect::programs {

class Fields {
 public:
  Fields(ByteView bytes, bool big_endian, std::uint64_t at = 0)
      : reader_(bytes), big_endian_(big_endian), good_(reader_.seek(at)) {}

  template <std::unsigned_integral T>
  T next() {
    const auto value = big_endian_ ? reader_.big<T>() : reader_.little<T>();
    if (!value) good_ = false;
    return good_ ? *value : T{0};
  }
  std::uint8_t byte() { return next<std::uint8_t>(); }
  std::uint16_t half() { return next<std::uint16_t>(); }
  std::uint32_t word() { return next<std::uint32_t>(); }
  std::uint64_t wide() { return next<std::uint64_t>(); }
  // An address or size: 8 bytes in a 64-bit program, else 4.
  std::uint64_t address(unsigned bits) { return bits == 64 ? wide() : word(); }

  ByteView bytes(std::uint64_t n) {
    const auto view = reader_.take(n);
    if (!view) good_ = false;
    return good_ ? *view : ByteView();
  }
  void skip(std::uint64_t n) { bytes(n); }
  // A number of seven bits a byte, lowest first, of which all but the last have the eighth bit
  // (LEB128); longer ones than 64 bits hold are an end.
  std::uint64_t leb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t part = byte();
      value |= std::uint64_t{part & 0x7fU} << shift;
      if ((part & 0x80) == 0) return value;
    }
    good_ = false;
    return 0;
  }
  // A text in a field of n bytes, up to its first zero.
  std::string_view text(std::uint64_t n) {
    const std::string_view all = as_text(bytes(n));
    return all.substr(0, all.find('\0'));
  }
  void seek(std::uint64_t at) {
    if (!reader_.seek(at)) good_ = false;
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::size_t position() const { return reader_.position(); }
  [[nodiscard]] std::size_t left() const { return good_ ? reader_.left() : 0; }

 private:
  Reader reader_;
  bool big_endian_;
  bool good_;
};

}  // namespace minescan::inspect::programs
