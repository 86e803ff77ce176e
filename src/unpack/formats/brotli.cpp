// Brotli (RFC 7932): assets of web servers and packages, as NAME.br.  It has no magic and no
// checksum, so no bytes are ever recognised as it; whoever knows by a name tries it.

#include <brotli/decode.h>

#include "base/handle.h"
#include "unpack/decoding_source.h"
#include "unpack/formats/all.h"

namespace minescan::unpack {
namespace {

bool recognise(ByteView /*head*/) { return false; }

using Decompressor = std::unique_ptr<BrotliDecoderState, Freer<BrotliDecoderDestroyInstance>>;

class BrotliSource final : public DecodingSource {
 public:
  // A window has 16 MiB at most: larger ones are an extension that is off unless asked for.
  explicit BrotliSource(Source& parent)
      : DecodingSource(parent, "brotli", 0),
        decompressor_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}

 private:
  Step decode(ByteView in, bool /*last*/, OutBytes out) override {
    if (!decompressor_) return give_up(Code::limit_memory, "needs more memory than there is");
    std::size_t in_left = in.size();
    std::size_t out_left = out.size();
    const auto* next = reinterpret_cast<const std::uint8_t*>(in.data());
    auto* to = reinterpret_cast<std::uint8_t*>(out.data());
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(
        decompressor_.get(), &in_left, &next, &out_left, &to, nullptr);
    Step step{.used = in.size() - in_left, .made = out.size() - out_left};
    if (result == BROTLI_DECODER_RESULT_SUCCESS) step.state = State::end;
    if (result == BROTLI_DECODER_RESULT_ERROR) {
      const char* const name =
          BrotliDecoderErrorString(BrotliDecoderGetErrorCode(decompressor_.get()));
      report(Code::corrupt, "is not valid (" + std::string(name) + "), " + where());
      step.state = State::failed;
    }
    return step;
  }

  Decompressor decompressor_;
};

std::unique_ptr<Decoded> decode(Source& parent, const Limits& /*limits*/) {
  return std::make_unique<BrotliSource>(parent);
}

}  // namespace

const Format kBrotli{.name = "brotli", .recognise = recognise, .decode = decode};

}  // namespace minescan::unpack
