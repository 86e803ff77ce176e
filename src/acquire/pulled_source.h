#pragma once
// A Source over anything that can fill a buffer: files, generated streams.  Keeps one window of
// bytes; it grows to what peek() is asked for, so memory is bounded by kMaxPeek.

#include <optional>
#include <span>
#include <vector>

#include "base/source.h"

namespace minescan::acquire {

class PulledSource : public Source {
 public:
  ByteView peek(std::size_t want) final;
  void skip(std::size_t n) final;
  [[nodiscard]] std::uint64_t position() const final { return position_; }
  [[nodiscard]] std::optional<Error> fault() const final { return fault_; }

 protected:
  // Fills a prefix of `room` (never empty) and returns its length; 0 is the end.  Not called again
  // after the end or an error.
  virtual Result<std::size_t> pull(std::span<std::byte> room) = 0;

 private:
  void make_room(std::size_t want);

  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;  // what was not skipped yet is [begin_, end_)
  std::size_t end_ = 0;
  std::uint64_t position_ = 0;
  bool ended_ = false;
  std::optional<Error> fault_;
};

}  // namespace minescan::acquire
