#pragma once
// A source that keeps what was read through it, for parsers that need a whole file.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/source.h"

namespace minescan::examine {

// Buffers that were used, for their capacity: fresh pages cost more than what is done with them.
class Buffers {
 public:
  std::string take() {
    if (spare_.empty()) return {};
    std::string buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
  }
  void give(std::string buffer) {
    buffer.clear();
    spare_.push_back(std::move(buffer));
  }

 private:
  std::vector<std::string> spare_;
};

// Keeps the first `most` bytes that are skipped.  The parent and the buffers must outlive it.
class KeptSource final : public Source {
 public:
  KeptSource(Source& parent, std::size_t most, Buffers& buffers)
      : parent_(parent), most_(most), buffers_(buffers), kept_(buffers.take()) {}
  KeptSource(const KeptSource&) = delete;
  KeptSource& operator=(const KeptSource&) = delete;
  ~KeptSource() override { buffers_.give(std::move(kept_)); }

  ByteView peek(std::size_t want) override {
    shown_ = parent_.peek(want);
    return shown_;
  }
  void skip(std::size_t n) override {
    const std::size_t room = most_ - std::min(most_, kept_.size());
    kept_.append(as_text(shown_.first(std::min(n, room))));
    shown_ = {};
    parent_.skip(n);
  }
  [[nodiscard]] std::uint64_t position() const override { return parent_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override { return parent_.fault(); }

  [[nodiscard]] ByteView kept() const { return as_bytes(kept_); }

 private:
  Source& parent_;
  const std::size_t most_;
  Buffers& buffers_;
  ByteView shown_;
  std::string kept_;
};

}  // namespace minescan::examine
