#pragma once
// Runs a source one thread ahead: decompression and matching each take about half of the time of a
// scan, so they overlap well.  On request the bytes are hashed on the way (an image's diffID), by a
// thread of its own, as that takes half as long as decompression again.  The first MiB comes
// without these threads: most packages end there, and a thread costs more than they do.

#include <array>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/digest.h"
#include "base/handle.h"
#include "base/source.h"

namespace minescan::examine {

class ReadAhead final : public Source {
 public:
  // `inner` must outlive this and is used by the other thread until this is destroyed or has shown
  // its end.
  ReadAhead(Source& inner, bool hash) : inner_(inner), hash_(hash) {}
  ~ReadAhead() override;

  ByteView peek(std::size_t want) override;
  void skip(std::size_t n) override;
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] std::optional<Error> fault() const override;

  // The digest of all bytes, for which it may wait; "" unless they were hashed and read to their
  // end.
  [[nodiscard]] std::string digest() const;

 private:
  struct Chunk {
    std::byte* bytes = nullptr;  // the payload begins at kHeadroom
    std::size_t size = 0;        // of the payload
  };
  using Memory = std::unique_ptr<std::byte, Freer<std::free>>;

  void run();   // the thread that decodes
  void hash();  // the thread that hashes
  bool fill();  // one more chunk, for which there is room; false when it was the last one
  bool make_room(Chunk& chunk);  // false where there is no memory
  bool advance();  // makes the next chunk current behind the bytes that are left; false at the end
  void spill();    // copies what is left of the current chunk into own memory

  Source& inner_;
  const bool hash_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // Ring of chunks: the writer fills chunks_[written_ % n], the reader holds chunks_[read_ % n],
  // and what is hashed next is chunks_[hashed_ % n].
  std::array<Chunk, 4> chunks_;
  Memory first_, others_;  // of the chunks
  std::size_t written_ = 0;
  std::size_t read_ = 0;
  std::size_t hashed_ = 0;  // as written_ where there is nothing to hash
  bool ended_ = false;
  bool stop_ = false;
  std::optional<Error> fault_;
  std::string digest_;
  Hasher hasher_;
  bool hash_apart_ = false;  // by its thread, and no longer by whoever fills

  // The reader's side.
  ByteView current_;
  bool holding_ = false;        // whether current_ lies in chunks_[read_ % n]
  std::vector<std::byte> own_;  // for peeks that are wider than a chunk
  std::uint64_t position_ = 0;
  bool begun_ = false;  // whether the first chunk was filled
  bool alone_ = false;  // whether there is more, and no thread for it yet
  std::thread thread_, hashing_;
};

}  // namespace minescan::examine
