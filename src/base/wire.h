#pragma once
// Values as bytes and back: numbers little endian, texts with their length in front.  For what
// minescan writes and reads itself; a reader still trusts nothing, since a file may be damaged.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/reader.h"

namespace minescan {

class WireWriter {
 public:
  void number(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) bytes_ += static_cast<char>((value >> (8 * i)) & 0xff);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  // A list as its size and then each item through `write(item)`.
  template <class T, class Write>
  void list(const std::vector<T>& items, const Write& write) {
    number(items.size());
    for (const T& item : items) write(item);
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After the first read past the end everything reads as 0 or "", and good() is false.
class WireReader {
 public:
  explicit WireReader(ByteView bytes) : reader_(bytes) {}

  std::uint64_t number() {
    const auto value = reader_.little<std::uint64_t>();
    if (!value) good_ = false;
    return good_ ? *value : 0;
  }
  // A number that must be below `end`.
  std::uint64_t number_below(std::uint64_t end) {
    const std::uint64_t value = number();
    if (value >= end) good_ = false;
    return good_ ? value : 0;
  }
  std::string text() {
    const auto bytes = reader_.take(number());
    if (!bytes) good_ = false;
    return good_ ? std::string(as_text(*bytes)) : std::string();
  }
  // Calls read() for each item.  A list cannot have more items than bytes are left.
  template <class Read>
  void list(const Read& read) {
    const std::uint64_t size = number();
    if (size > reader_.left()) good_ = false;
    for (std::uint64_t i = 0; good_ && i < size; ++i) read();
  }
  void fail() { good_ = false; }
  // All bytes that are left, borrowed.
  ByteView rest() {
    const auto bytes = reader_.take(reader_.left());
    return good_ ? *bytes : ByteView();
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && reader_.left() == 0; }

 private:
  Reader reader_;
  bool good_ = true;
};

}  // namespace minescan
