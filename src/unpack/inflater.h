#pragma once
// Raw deflate (RFC 1951) by ISA-L, which reads ahead; here the bytes that it read too many are not
// counted as used, so that whoever feeds it knows where the stream ended to the byte.
//
// Input must be contiguous over calls: each call's `in` starts at the first byte that is not used.

#include <isa-l/igzip_lib.h>

#include <memory>
#include <span>

#include "base/bytes.h"

namespace minescan::unpack {

class Inflater {
 public:
  enum class Checksum { crc32, adler32 };
  explicit Inflater(Checksum checksum = Checksum::crc32);

  void reset();

  struct Progress {
    std::size_t used = 0;
    std::size_t made = 0;
    bool end = false;  // the final block is complete and all of it was handed out
    bool bad = false;  // the input is not deflate; what was made before that is good
  };
  // `out` should hold at least DecodingSource::kLeastRoom bytes: on bad input, what does not fit is
  // lost.
  Progress run(ByteView in, std::span<std::byte> out);

  // Of all that was made since reset().  adler32 only once the end was reached.
  [[nodiscard]] std::uint32_t checksum() const { return state_->crc; }

 private:
  std::unique_ptr<inflate_state> state_;
  Checksum checksum_;
  std::size_t ahead_ = 0;  // bytes at the front of the next `in` that ISA-L has already
};

// Whether `bytes`, the start of something longer unless `all`, are deflate: they inflate without an
// error, and with `all` exactly to their end.  Inflates at most `bytes`, keeps nothing.
struct DeflateTrial {
  bool good = false;       // no error
  bool end = false;        // the stream is complete
  std::size_t used = 0;    // bytes up to its end
  std::uint64_t made = 0;  // decoded bytes
  std::uint32_t checksum = 0;
};
DeflateTrial try_inflate(ByteView bytes, Inflater::Checksum checksum);

// CRC-32 as gzip and zip use it; goes on from `crc` (0 to start).
std::uint32_t crc32(std::uint32_t crc, ByteView bytes);

}  // namespace minescan::unpack
