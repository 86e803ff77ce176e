// gzip (RFC 1952): one or more members, with NUL padding between and after them, as pigz, estargz,
// bgzip and plain concatenation make them.  Other bytes after a member are not gzip's.

#include <algorithm>

#include "base/reader.h"
#include "unpack/decoding_source.h"
#include "unpack/formats/all.h"
#include "unpack/inflater.h"

namespace minescan::unpack {
namespace {

constexpr std::size_t kHeader = 10;
constexpr std::size_t kTrailer = 8;

enum Flag : unsigned { kHcrc = 2, kExtra = 4, kName = 8, kComment = 16, kReserved = 0xe0 };

bool recognise(ByteView head) { return as_text(head).starts_with("\x1f\x8b\x08"); }

class GzipSource final : public DecodingSource {
 public:
  explicit GzipSource(Source& parent) : DecodingSource(parent, "gzip", 3) {}

 private:
  enum class Phase { between, header, extra_size, extra, name, comment, hcrc, body, trailer };

  Step decode(ByteView in, bool last, OutBytes out) override {
    skip_absent_fields();
    switch (phase_) {
      case Phase::between:
        return between(in, last);
      case Phase::header:
        return header(in);
      case Phase::extra_size:
        return extra_size(in);
      case Phase::extra:
        return extra(in);
      case Phase::name:
        return text(in, Phase::comment);
      case Phase::comment:
        return text(in, Phase::hcrc);
      case Phase::hcrc:
        return hcrc(in);
      case Phase::body:
        return body(in, out);
      case Phase::trailer:
        return trailer(in);
    }
    return {};
  }

  // What follows a member: padding, the next member, or something that is not ours.
  Step between(ByteView in, bool last) {
    const auto junk =
        std::find_if(in.begin(), in.end(), [](std::byte b) { return b != std::byte{0}; });
    const auto zeros = static_cast<std::size_t>(junk - in.begin());
    if (zeros != 0) return {.used = zeros, .boundary = true};
    if (in.size() < 3 && !last) return {};
    if (!recognise(in)) return {.state = State::end};
    phase_ = Phase::header;
    return {.used = 3, .boundary = true};
  }

  // Behind the three bytes of the magic.
  Step header(ByteView in) {
    constexpr std::size_t kRest = kHeader - 3;
    if (in.size() < kRest) return {};
    flags_ = std::to_integer<unsigned>(in[0]);
    // A reader that obeys the RFC refuses the member; another one ignores the bits.
    if ((flags_ & kReserved) != 0) {
      report(Code::unsupported, "has reserved flag bits set; it was decoded as if they were not");
    }
    header_crc_ = crc32(0, as_bytes("\x1f\x8b\x08"));
    phase_ = Phase::extra_size;
    return header_bytes(in, kRest);
  }

  void skip_absent_fields() {
    if (phase_ == Phase::extra_size && (flags_ & kExtra) == 0) phase_ = Phase::name;
    if (phase_ == Phase::name && (flags_ & kName) == 0) phase_ = Phase::comment;
    if (phase_ == Phase::comment && (flags_ & kComment) == 0) phase_ = Phase::hcrc;
    if (phase_ == Phase::hcrc && (flags_ & kHcrc) == 0) start_body();
  }

  Step extra_size(ByteView in) {
    const auto size = Reader(in).little<std::uint16_t>();
    if (!size) return {};
    extra_left_ = *size;
    phase_ = extra_left_ == 0 ? Phase::name : Phase::extra;
    return header_bytes(in, 2);
  }

  Step extra(ByteView in) {
    const std::size_t n = std::min(extra_left_, in.size());
    extra_left_ -= n;
    if (extra_left_ == 0) phase_ = Phase::name;
    return beside_data(in, n);
  }

  // Name and comment end at a NUL, however far that is.
  Step text(ByteView in, Phase next) {
    const auto nul = std::find(in.begin(), in.end(), std::byte{0});
    if (nul != in.begin()) return beside_data(in, static_cast<std::size_t>(nul - in.begin()));
    if (in.empty()) return {};
    phase_ = next;
    return header_bytes(in, 1);
  }

  Step hcrc(ByteView in) {
    const auto stored = Reader(in).little<std::uint16_t>();
    if (!stored) return {};
    if (*stored != (header_crc_ & 0xffff)) {
      report(Code::corrupt, "has a header checksum that does not match, " + where());
    }
    start_body();
    return {.used = 2, .boundary = true};
  }

  void start_body() {
    phase_ = Phase::body;
    inflater_.reset();
    size_ = 0;
  }

  Step body(ByteView in, OutBytes out) {
    const auto progress = inflater_.run(in, out);
    size_ += static_cast<std::uint32_t>(progress.made);
    Step step{.used = progress.used, .made = progress.made};
    if (progress.bad) {
      report(Code::corrupt, "breaks the rules of deflate after " +
                                std::to_string(decoded_ + progress.made) + " decoded bytes");
      step.state = State::failed;
    }
    decoded_ += progress.made;
    if (!progress.end) return step;
    phase_ = Phase::trailer;
    step.boundary = true;
    return step;
  }

  Step trailer(ByteView in) {
    if (in.size() < kTrailer) return {};
    Reader reader(in);
    const auto crc = reader.little<std::uint32_t>();
    const auto size = reader.little<std::uint32_t>();
    if (crc != inflater_.checksum()) {
      report(Code::corrupt, "has a checksum that does not match, " + where());
    } else if (size != size_) {
      report(Code::corrupt, "states a size that does not match, " + where());
    }
    phase_ = Phase::between;
    return {.used = kTrailer, .boundary = true};
  }

  Step header_bytes(ByteView in, std::size_t n) {
    header_crc_ = crc32(header_crc_, in.first(n));
    return {.used = n, .boundary = true};
  }

  Step beside_data(ByteView in, std::size_t n) {
    Step step = header_bytes(in, n);
    step.beside = true;
    return step;
  }

  Phase phase_ = Phase::between;
  Inflater inflater_{Inflater::Checksum::crc32};
  unsigned flags_ = 0;
  std::size_t extra_left_ = 0;
  std::uint32_t header_crc_ = 0;
  std::uint32_t size_ = 0;  // modulo 2^32, as ISIZE is
  std::uint64_t decoded_ = 0;
};

std::unique_ptr<Decoded> decode(Source& parent, const Limits& /*limits*/) {
  return std::make_unique<GzipSource>(parent);
}

}  // namespace

const Format kGzip{.name = "gzip", .recognise = recognise, .decode = decode};

}  // namespace minescan::unpack
