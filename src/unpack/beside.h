#pragma once
// What encodings carry beside their data, and decoders pass over: names, comments and extra fields
// of gzip, skippable frames of zstd and lz4.  Nobody extracts it, and a script can read it.

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/source.h"

namespace minescan::unpack {

class Beside {
 public:
  // All pieces together; zstd:chunked keeps its table of contents so.
  static constexpr std::size_t kMost = std::size_t{16} << 20;
  // Shorter ones are put together, a line each: writers make one per block.
  static constexpr std::size_t kShort = 64;
  // And all of them, when there are more than so many.
  static constexpr std::size_t kMostPieces = 1000;

  void append(ByteView bytes);
  void end_piece();

  [[nodiscard]] const std::vector<std::string>& pieces() const { return pieces_; }
  [[nodiscard]] const std::string& lines() const { return lines_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // bytes that were too many

 private:
  std::string piece_;  // not ended yet
  std::vector<std::string> pieces_;
  std::string lines_;
  std::size_t kept_ = 0;
  std::uint64_t left_out_ = 0;
};

// A Source of decoded bytes.
class Decoded : public Source {
 public:
  // What was beside those that were read so far, once the source is read to where it is wanted.
  [[nodiscard]] virtual const Beside* beside() const { return nullptr; }
};

}  // namespace minescan::unpack
