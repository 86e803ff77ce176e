// Zstandard (RFC 8878): frames one after the other, skippable frames anywhere between them, as
// pzstd, seekable zstd and zstd:chunked make them.

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/handle.h"
#include "base/reader.h"
#include "unpack/decoding_source.h"
#include "unpack/formats/all.h"
#include "unpack/formats/skippable.h"

namespace minescan::unpack {
namespace {

constexpr std::uint32_t kMagic = 0xFD2FB528;
// Magic, descriptor, window, dictionary id and content size at their longest (RFC 8878, 3.1.1.1).
constexpr std::size_t kLongestHeader = 18;
constexpr std::size_t kBlockHeader = 3;
// What zstd's own tools accept without being asked for more: 128 MiB.
constexpr int kLargestWindowLog = 27;

bool recognise(ByteView head) { return frame_behind_skippable(head, kMagic, true); }

int window_log(std::uint64_t memory) {
  const int log = static_cast<int>(std::bit_width(memory | 1)) - 1;
  return std::clamp(log, 10, kLargestWindowLog);
}

// The window that a frame's header asks for (RFC 8878, 3.1.1.1.1 and 3.1.1.1.2); 0 when it is cut.
// libzstd only looks at it where it needs a buffer for it, which depends on how much room there is
// for output; the limit must not.
std::uint64_t window_size(ByteView frame) {
  if (frame.size() < 6) return 0;
  const auto descriptor = std::to_integer<unsigned>(frame[4]);
  constexpr unsigned kSingleSegment = 1U << 5;
  if ((descriptor & kSingleSegment) != 0) {
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    return size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ? 0 : size;
  }
  const auto window = std::to_integer<unsigned>(frame[5]);
  const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3));
  return base + base / 8 * (window & 7);
}

using Decompressor = std::unique_ptr<ZSTD_DCtx, Freer<ZSTD_freeDCtx>>;

class ZstdSource final : public DecodingSource {
 public:
  ZstdSource(Source& parent, std::uint64_t memory)
      : DecodingSource(parent, "zstd", 4),
        window_log_(window_log(memory)),
        decompressor_(ZSTD_createDCtx()) {
    MINESCAN_CHECK(decompressor_ != nullptr);
    ZSTD_DCtx_setParameter(decompressor_.get(), ZSTD_d_windowLogMax, window_log_);
  }

 private:
  Step decode(ByteView in, bool last, OutBytes out) override {
    if (in_frame_) return frame(in, out);
    if (skippable_.left() != 0)
      return {.used = skippable_.take(in), .boundary = true, .beside = true};
    if (in.size() < kLongestHeader && !last) return {};
    const auto magic = Reader(in).little<std::uint32_t>();
    if (!magic || (*magic != kMagic && !is_skippable(*magic))) {
      return first_ ? give_up(Code::corrupt, "does not begin with a frame")
                    : Step{.state = State::end};
    }
    if (is_skippable(*magic)) {
      first_ = false;
      const std::size_t header = skippable_.begin(in);
      return {.used = header, .boundary = header != 0};
    }
    if (ZSTD_getDictID_fromFrame(in.data(), in.size()) != 0) {
      return give_up(Code::dictionary, "needs an external dictionary, " + where());
    }
    if (window_size(in) > std::uint64_t{1} << window_log_) {
      return give_up(Code::limit_memory, "needs a larger window than is allowed, " + where());
    }
    in_frame_ = true;
    first_ = false;
    wanted_ = kLongestHeader;
    return frame(in, out);
  }

  // libzstd gets what it asks for and no more, which is a block: when it fails it does not tell
  // what it had already written in the same call.
  Step frame(ByteView in, OutBytes out) {
    ZSTD_inBuffer input{.src = in.data(), .size = std::min(in.size(), wanted_), .pos = 0};
    ZSTD_outBuffer output{.dst = out.data(), .size = out.size(), .pos = 0};
    const std::size_t result = ZSTD_decompressStream(decompressor_.get(), &output, &input);
    Step step{.used = input.pos, .made = output.pos};
    if (ZSTD_isError(result) != 0) {
      refuse(ZSTD_getErrorCode(result));
      step.state = State::failed;
    } else if (result == 0) {
      in_frame_ = false;
      step.boundary = true;
    }
    wanted_ = result > kBlockHeader ? result - kBlockHeader : result;
    return step;
  }

  void refuse(ZSTD_ErrorCode code) {
    if (code == ZSTD_error_frameParameter_windowTooLarge || code == ZSTD_error_memory_allocation) {
      report(Code::limit_memory, "needs a larger window than is allowed, " + where());
    } else if (code == ZSTD_error_dictionary_wrong) {
      report(Code::dictionary, "needs an external dictionary, " + where());
    } else if (code == ZSTD_error_checksum_wrong) {
      report(Code::corrupt, "has a checksum that does not match, " + where());
    } else {
      report(Code::corrupt,
             "is not valid (" + std::string(ZSTD_getErrorString(code)) + "), " + where());
    }
  }

  int window_log_;
  Decompressor decompressor_;
  SkippableFrame skippable_;
  std::size_t wanted_ = 0;
  bool in_frame_ = false;
  bool first_ = true;
};

std::unique_ptr<Decoded> decode(Source& parent, const Limits& limits) {
  return std::make_unique<ZstdSource>(parent, limits.decoder_memory);
}

}  // namespace

const Format kZstd{.name = "zstd", .recognise = recognise, .decode = decode};

}  // namespace minescan::unpack
