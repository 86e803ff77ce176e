// bzip2: one or more streams, as pbzip2 and concatenation make them.

#include <bzlib.h>

#include "unpack/decoding_source.h"
#include "unpack/formats/all.h"

namespace minescan::unpack {
namespace {

constexpr std::size_t kHeader = 4;

// "BZh", the level, and the magic of a block or of the end of an empty stream: BCD of pi and of its
// square root.
bool recognise(ByteView head) {
  const std::string_view text = as_text(head);
  if (text.size() < 10 || !text.starts_with("BZh") || text[3] < '1' || text[3] > '9') return false;
  const std::string_view block = text.substr(kHeader, 6);
  return block == "\x31\x41\x59\x26\x53\x59" || block == "\x17\x72\x45\x38\x50\x90";
}

class Bzip2Source final : public DecodingSource {
 public:
  explicit Bzip2Source(Source& parent) : DecodingSource(parent, "bzip2", kHeader) {}
  ~Bzip2Source() override { stop(); }

 private:
  Step decode(ByteView in, bool last, OutBytes out) override {
    if (!in_stream_) {
      if (in.size() < 10 && !last) return {};
      if (!first_ && !recognise(in)) return {.state = State::end};
      if (!start()) return give_up(Code::limit_memory, "needs more memory than there is");
      first_ = false;
    }
    stream_.next_in = const_cast<char*>(as_text(in).data());
    stream_.avail_in = static_cast<unsigned>(in.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = static_cast<unsigned>(out.size());
    const int result = BZ2_bzDecompress(&stream_);
    Step step{.used = in.size() - stream_.avail_in, .made = out.size() - stream_.avail_out};
    decoded_ += step.made;
    if (result == BZ_STREAM_END) {
      stop();
      step.boundary = true;
    } else if (result != BZ_OK) {
      report(
          result == BZ_MEM_ERROR ? Code::limit_memory : Code::corrupt,
          (result == BZ_MEM_ERROR ? "needs more memory than there is, after "
                                  : "is not valid or has a checksum that does not match, after ") +
              std::to_string(decoded_) + " decoded bytes");
      step.state = State::failed;
    }
    return step;
  }

  bool start() {
    stream_ = {};
    in_stream_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
    return in_stream_;
  }

  void stop() {
    if (in_stream_) BZ2_bzDecompressEnd(&stream_);
    in_stream_ = false;
  }

  bz_stream stream_{};
  bool in_stream_ = false;
  bool first_ = true;
  std::uint64_t decoded_ = 0;
};

std::unique_ptr<Decoded> decode(Source& parent, const Limits& /*limits*/) {
  return std::make_unique<Bzip2Source>(parent);
}

}  // namespace

const Format kBzip2{.name = "bzip2", .recognise = recognise, .decode = decode};

}  // namespace minescan::unpack
