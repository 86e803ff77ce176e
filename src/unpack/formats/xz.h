#pragma once
// The decoder behind xz, lzip and .lzma; zip stores LZMA streams without their header.

#include <lzma.h>

#include <string>

#include "unpack/decoding_source.h"

namespace minescan::unpack {

class LzmaSource final : public DecodingSource {
 public:
  enum class Kind { xz, lzip, lzma };

  // `memory`: more than this makes the decoder end with Code::limit_memory.  `prefix` is decoded as
  // if it stood before the parent's bytes.
  LzmaSource(Source& parent, Kind kind, std::uint64_t memory, std::string prefix = {});
  ~LzmaSource() override;

 private:
  Step decode(ByteView in, bool last, OutBytes out) override;
  bool start();
  Step stream(ByteView in, OutBytes out);
  void refuse(lzma_ret result);

  lzma_stream stream_ = LZMA_STREAM_INIT;
  Kind kind_;
  std::uint64_t memory_;
  std::string prefix_;
  bool first_ = true;
  bool in_stream_ = false;
  std::uint64_t decoded_ = 0;
};

}  // namespace minescan::unpack
