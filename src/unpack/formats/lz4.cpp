// lz4 frames (not the older "legacy" ones), one after the other, with skippable frames between
// them.

#include <lz4frame.h>

#include <algorithm>

#include "base/handle.h"
#include "base/reader.h"
#include "unpack/decoding_source.h"
#include "unpack/formats/all.h"
#include "unpack/formats/skippable.h"

namespace minescan::unpack {
namespace {

constexpr std::uint32_t kMagic = 0x184D2204;

bool recognise(ByteView head) { return frame_behind_skippable(head, kMagic, false); }

using Decompressor = std::unique_ptr<LZ4F_dctx, Freer<LZ4F_freeDecompressionContext>>;

Decompressor make_decompressor() {
  LZ4F_dctx* made = nullptr;
  const bool failed = LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0;
  return Decompressor(failed ? nullptr : made);
}

class Lz4Source final : public DecodingSource {
 public:
  explicit Lz4Source(Source& parent)
      : DecodingSource(parent, "lz4", 4), decompressor_(make_decompressor()) {}

 private:
  Step decode(ByteView in, bool last, OutBytes out) override {
    if (!decompressor_) return give_up(Code::limit_memory, "needs more memory than there is");
    if (in_frame_) return frame(in, out);
    if (skippable_.left() != 0)
      return {.used = skippable_.take(in), .boundary = true, .beside = true};
    if (in.size() < LZ4F_HEADER_SIZE_MAX && !last) return {};
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
    // Bit 0 of the descriptor's flags (lz4 frame format, "Frame Descriptor").
    if (in.size() > 4 && (in[4] & std::byte{1}) != std::byte{0}) {
      return give_up(Code::dictionary, "needs an external dictionary, " + where());
    }
    in_frame_ = true;
    first_ = false;
    wanted_ = LZ4F_HEADER_SIZE_MAX;
    return frame(in, out);
  }

  // The library gets what it asks for and no more, which is a block: when it fails it does not tell
  // what it had already written in the same call.
  Step frame(ByteView in, OutBytes out) {
    std::size_t used = std::min(in.size(), wanted_);
    std::size_t made = out.size();
    const std::size_t result =
        LZ4F_decompress(decompressor_.get(), out.data(), &made, in.data(), &used, nullptr);
    if (LZ4F_isError(result) != 0) {
      return give_up(Code::corrupt,
                     "is not valid (" + std::string(LZ4F_getErrorName(result)) + "), " + where());
    }
    wanted_ = result;
    if (result == 0) in_frame_ = false;
    return {.used = used, .made = made, .boundary = result == 0};
  }

  Decompressor decompressor_;
  SkippableFrame skippable_;
  std::size_t wanted_ = 0;
  bool in_frame_ = false;
  bool first_ = true;
};

std::unique_ptr<Decoded> decode(Source& parent, const Limits& /*limits*/) {
  return std::make_unique<Lz4Source>(parent);
}

}  // namespace

const Format kLz4{.name = "lz4", .recognise = recognise, .decode = decode};

}  // namespace minescan::unpack
