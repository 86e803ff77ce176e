// zlib (RFC 1950): git objects, PNG and PDF streams.  Its magic is two bytes, one of them a letter,
// so a stream is only recognised when what follows inflates as far as it can be seen.

#include "base/reader.h"
#include "unpack/decoding_source.h"
#include "unpack/formats/all.h"
#include "unpack/inflater.h"

namespace minescan::unpack {
namespace {

constexpr std::size_t kHeader = 2;
constexpr std::size_t kTrailer = 4;
// Fewer bytes than this that happen to inflate prove nothing.
constexpr std::size_t kEnough = 256;

bool recognise(ByteView head) {
  const std::string_view text = as_text(head);
  // 32 KiB window, no dictionary, the four levels; each has the right check bits.
  if (!text.starts_with(std::string_view("\x78\x01")) && !text.starts_with("\x78\x5e") &&
      !text.starts_with("\x78\x9c") && !text.starts_with("\x78\xda")) {
    return false;
  }
  const ByteView body = head.subspan(kHeader);
  const DeflateTrial trial = try_inflate(body, Inflater::Checksum::adler32);
  if (!trial.good) return false;
  if (!trial.end) return body.size() >= kEnough && trial.made != 0;
  const ByteView behind = body.subspan(trial.used);
  // What can be seen ends between the stream and its checksum.
  if (behind.size() < kTrailer) return body.size() >= kEnough;
  Reader reader(behind);
  return reader.big<std::uint32_t>() == trial.checksum;
}

class ZlibSource final : public DecodingSource {
 public:
  explicit ZlibSource(Source& parent) : DecodingSource(parent, "zlib", kHeader) {}

 private:
  enum class Phase { header, body, trailer };

  Step decode(ByteView in, bool /*last*/, OutBytes out) override {
    switch (phase_) {
      case Phase::header:
        return header(in);
      case Phase::body:
        return body(in, out);
      case Phase::trailer:
        return trailer(in);
    }
    return {};
  }

  Step header(ByteView in) {
    if (in.size() < kHeader) return {};
    const auto method = std::to_integer<unsigned>(in[0]);
    const auto flags = std::to_integer<unsigned>(in[1]);
    if ((method & 0x0f) != 8 || (method * 256 + flags) % 31 != 0) {
      return give_up(Code::corrupt, "has a header that breaks the rules");
    }
    if ((flags & 0x20) != 0) {
      return give_up(Code::dictionary, "needs a preset dictionary to be decoded");
    }
    phase_ = Phase::body;
    return {.used = kHeader, .boundary = true};
  }

  Step body(ByteView in, OutBytes out) {
    const auto progress = inflater_.run(in, out);
    decoded_ += progress.made;
    Step step{.used = progress.used, .made = progress.made};
    if (progress.bad) {
      report(Code::corrupt,
             "breaks the rules of deflate after " + std::to_string(decoded_) + " decoded bytes");
      step.state = State::failed;
    }
    if (progress.end) phase_ = Phase::trailer;
    return step;
  }

  Step trailer(ByteView in) {
    const auto sum = Reader(in).big<std::uint32_t>();
    if (!sum) return {};
    if (*sum != inflater_.checksum()) {
      report(Code::corrupt, "has a checksum that does not match, " + where());
    }
    return {.used = kTrailer, .state = State::end};
  }

  Phase phase_ = Phase::header;
  Inflater inflater_{Inflater::Checksum::adler32};
  std::uint64_t decoded_ = 0;
};

std::unique_ptr<Decoded> decode(Source& parent, const Limits& /*limits*/) {
  return std::make_unique<ZlibSource>(parent);
}

}  // namespace

const Format kZlib{.name = "zlib", .recognise = recognise, .decode = decode};

}  // namespace minescan::unpack
