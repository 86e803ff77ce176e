#pragma once
// A stream of bytes that is pulled: files, network blobs, decoders and members of archives all look
// like this, so that they nest without copies and without anyone holding a whole file.
//
//   while (true) {
//     ByteView bytes = source.peek(want);        // at least min(want, what is left) bytes
//     if (bytes.empty()) break;                  // the end: look at source.fault()
//     ...                                        // use a prefix of them
//     source.skip(used);                         // keep the rest for the next peek
//   }
//
// Looking at more than one skips is how windows overlap.  One thread at a time.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace minescan {

// The most that peek() may be asked for.  A buffer grows to what is asked, so only someone who
// needs a whole small file in one piece asks for much.
inline constexpr std::size_t kMaxPeek = std::size_t{16} << 20;

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  // All bytes that are at hand, at least min(want, bytes left) of them; may be more than `want`.
  // want is 1..kMaxPeek.  The view dies with the next call to peek or skip.  Empty only at the end.
  virtual ByteView peek(std::size_t want) = 0;

  // Forgets the first n bytes of the last peek; n is at most its size.
  virtual void skip(std::size_t n) = 0;

  // Moves up to out.size() bytes to `out` and forgets them; how many, 0 only at the end or for an
  // empty `out`.  For who would copy what peek shows: decoders write there at once.
  virtual std::size_t read(OutBytes out);

  // Bytes skipped so far: the offset of what the next peek shows.
  [[nodiscard]] virtual std::uint64_t position() const = 0;

  // Why the bytes ended before their natural end; only meaningful once peek returned less than
  // asked. Everything that could be read before the fault has been offered by peek.
  [[nodiscard]] virtual std::optional<Error> fault() const = 0;
};

// Skips up to n bytes; returns how many there were.
std::uint64_t skip_bytes(Source& source, std::uint64_t n);

// Bytes in memory.  The bytes must outlive the source.
class MemorySource final : public Source {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  ByteView peek(std::size_t want) override;
  void skip(std::size_t n) override;
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] std::optional<Error> fault() const override { return std::nullopt; }

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
};

// The next `size` bytes of a parent.  The parent must outlive it and is not read past `size`; it is
// a fault (truncated, or the parent's own) when the parent ends before that.
class BoundedSource final : public Source {
 public:
  BoundedSource(Source& parent, std::uint64_t size) : parent_(parent), left_(size), size_(size) {}
  ByteView peek(std::size_t want) override;
  void skip(std::size_t n) override;
  [[nodiscard]] std::uint64_t position() const override { return size_ - left_; }
  [[nodiscard]] std::uint64_t left() const { return left_; }
  [[nodiscard]] std::optional<Error> fault() const override { return fault_; }

 private:
  Source& parent_;
  std::uint64_t left_;
  std::uint64_t size_;
  std::optional<Error> fault_;
};

}  // namespace minescan
