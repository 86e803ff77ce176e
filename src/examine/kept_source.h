#pragma once
// A source that keeps what was read through it, for parsers that need more than a window.

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "base/buffers.h"
#include "base/source.h"

namespace minescan::examine {

// Gathers what is skipped into blocks of `size` bytes (0 = nothing).  The parent and the buffers
// must outlive it.
class KeptSource final : public Source {
 public:
  // Takes a full block and its offset.
  using Full = std::function<void(ByteView block, std::uint64_t offset)>;

  KeptSource(Source& parent, std::size_t size, Buffers& buffers, Full full)
      : parent_(parent),
        size_(size),
        buffers_(buffers),
        full_(std::move(full)),
        kept_(buffers.take()) {}
  KeptSource(const KeptSource&) = delete;
  KeptSource& operator=(const KeptSource&) = delete;
  ~KeptSource() override { buffers_.give(std::move(kept_)); }

  ByteView peek(std::size_t want) override {
    shown_ = parent_.peek(want);
    return shown_;
  }
  void skip(std::size_t n) override {
    if (size_ != 0) keep(as_text(shown_.first(n)));
    shown_ = {};
    parent_.skip(n);
  }
  [[nodiscard]] std::uint64_t position() const override { return parent_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override { return parent_.fault(); }

  // The last block, which may be a full one, and its offset.
  [[nodiscard]] ByteView kept() const { return as_bytes(kept_); }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  void keep(std::string_view bytes) {
    while (!bytes.empty()) {
      if (kept_.size() == size_) {
        full_(as_bytes(kept_), offset_);
        offset_ += kept_.size();
        kept_.clear();
      }
      const std::size_t n = std::min(bytes.size(), size_ - kept_.size());
      append_to(kept_, bytes.substr(0, n), size_);
      bytes.remove_prefix(n);
    }
  }

  Source& parent_;
  const std::size_t size_;
  Buffers& buffers_;
  const Full full_;
  ByteView shown_;
  std::string kept_;
  std::uint64_t offset_ = 0;
};

}  // namespace minescan::examine
