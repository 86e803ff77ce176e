#pragma once
// A Source that shows as little as it may: what was asked for and at most six bytes more, in a new
// place each time.  Code that works with it neither relies on more than it asked for nor keeps a
// view for too long.

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/source.h"

namespace minescan::test {

class StingySource final : public Source {
 public:
  explicit StingySource(std::string bytes, std::optional<Error> fault = std::nullopt)
      : bytes_(std::move(bytes)), fault_(std::move(fault)) {}

  ByteView peek(std::size_t want) override {
    MINESCAN_CHECK(want >= 1 && want <= kMaxPeek);
    extra_ = (extra_ + 5) % 7;
    const std::size_t size = std::min(want + extra_, bytes_.size() - position_);
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(position_);
    shown_ = std::vector<char>(from, from + static_cast<std::ptrdiff_t>(size));
    return as_bytes(std::string_view(shown_.data(), shown_.size()));
  }
  void skip(std::size_t n) override {
    MINESCAN_CHECK(n <= shown_.size());
    shown_.erase(shown_.begin(), shown_.begin() + static_cast<std::ptrdiff_t>(n));
    shown_.shrink_to_fit();
    position_ += n;
  }
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] std::optional<Error> fault() const override { return fault_; }

 private:
  std::string bytes_;
  std::optional<Error> fault_;
  std::vector<char> shown_;
  std::size_t position_ = 0;
  std::size_t extra_ = 0;
};

}  // namespace minescan::test
