// zisofs: files that are compressed one by one on disks and in AppImages of type 1, made by
// mkzftree and xorriso.  A header of 16 bytes (magic, size, bytes of the header in units of 4,
// block size as a power of 2), then where each block begins and the last ends, then the blocks:
// each is zlib, or nothing for zeros.

#include <algorithm>

#include "base/reader.h"
#include "unpack/decoding_source.h"
#include "unpack/formats/all.h"
#include "unpack/inflater.h"

namespace minescan::unpack {
namespace {

constexpr std::size_t kMagic = 8;
constexpr std::size_t kHeader = 16;
constexpr unsigned kSmallest = 15, kLargest = 17;  // block sizes, as Linux reads them

struct Header {
  std::uint32_t size = 0;
  std::size_t length = 0;  // of the header
  std::size_t block = 0;   // bytes
  [[nodiscard]] std::size_t blocks() const { return (std::size_t{size} + block - 1) / block; }
};

std::optional<Header> read_header(ByteView head) {
  if (head.size() < kHeader) return std::nullopt;
  if (!as_text(head).starts_with("\x37\xe4\x53\x96\xc9\xdb\xd6\x07")) return std::nullopt;
  Reader reader(head);
  reader.seek(kMagic);
  const std::uint32_t size = reader.little<std::uint32_t>().value_or(0);
  const std::size_t length = std::size_t{reader.little<std::uint8_t>().value_or(0)} * 4;
  const unsigned shift = reader.little<std::uint8_t>().value_or(0);
  if (length < kHeader || shift < kSmallest || shift > kLargest) return std::nullopt;
  return Header{.size = size, .length = length, .block = std::size_t{1} << shift};
}

bool recognise(ByteView head) { return read_header(head).has_value(); }

class ZisofsSource final : public DecodingSource {
 public:
  explicit ZisofsSource(Source& parent) : DecodingSource(parent, "zisofs", kMagic) {}

 private:
  Step decode(ByteView in, bool /*last*/, OutBytes out) override {
    if (shown_ < made_) return show(out);
    if (!header_) return header(in);
    if (places_.size() <= header_->blocks()) return place(in);
    if (next_ == header_->blocks()) return {.state = State::end};
    return block(in, out);
  }

  Step header(ByteView in) {
    header_ = read_header(in);
    if (!header_ || in.size() < header_->length) {
      const bool short_of_it = !header_ && in.size() >= kHeader;
      header_.reset();
      return short_of_it ? give_up(Code::corrupt, "has a header that breaks the rules") : Step{};
    }
    return {.used = header_->length, .boundary = true};
  }

  // Those that are at hand.
  Step place(ByteView in) {
    constexpr std::size_t kPlace = 4;
    Reader reader(in);
    const std::size_t most = std::min(in.size() / kPlace, header_->blocks() + 1 - places_.size());
    for (std::size_t i = 0; i < most; ++i) {
      places_.push_back(reader.little<std::uint32_t>().value_or(0));
    }
    if (places_.size() == header_->blocks() + 1) {
      const std::uint64_t first = header_->length + places_.size() * kPlace;
      if (places_.front() != first || !std::is_sorted(places_.begin(), places_.end())) {
        return give_up(Code::corrupt, "has blocks that do not follow one another");
      }
    }
    return {.used = most * kPlace, .boundary = true};
  }

  Step block(ByteView in, OutBytes out) {
    constexpr std::size_t kZlib = 2;
    const std::size_t packed = places_[next_ + 1] - places_[next_];
    const std::size_t wanted =
        std::min<std::size_t>(header_->block, header_->size - next_ * header_->block);
    if (packed > kWindow / 2) {
      return give_up(Code::corrupt, "has a block that is too long, " + where());
    }
    if (in.size() < packed) return {};
    // ISA-L wants room for more than it makes.
    made_bytes_.assign(header_->block + kLeastRoom, std::byte{0});
    made_ = wanted;
    if (packed != 0) {
      inflater_.reset();
      const auto progress = packed > kZlib
                                ? inflater_.run(in.subspan(kZlib, packed - kZlib), made_bytes_)
                                : Inflater::Progress{.bad = true};
      if (progress.bad || !progress.end || progress.made != wanted) {
        report(Code::corrupt, "has a block that breaks the rules, " + where());
        made_ = std::min(progress.made, wanted);
        next_ = header_->blocks() - 1;
      }
    }
    ++next_;
    shown_ = 0;
    Step step = show(out);
    step.used = packed;
    return step;
  }

  Step show(OutBytes out) {
    const std::size_t n = std::min(out.size(), made_ - shown_);
    std::copy_n(made_bytes_.begin() + static_cast<std::ptrdiff_t>(shown_), n, out.begin());
    shown_ += n;
    return {.made = n, .boundary = shown_ == made_};
  }

  std::optional<Header> header_;
  std::vector<std::uint32_t> places_;
  std::size_t next_ = 0;  // block
  Inflater inflater_{Inflater::Checksum::adler32};
  std::vector<std::byte> made_bytes_;
  std::size_t made_ = 0;   // of them
  std::size_t shown_ = 0;  // of those
};

std::unique_ptr<Decoded> decode(Source& parent, const Limits& /*limits*/) {
  return std::make_unique<ZisofsSource>(parent);
}

}  // namespace

const Format kZisofs{.name = "zisofs", .recognise = recognise, .decode = decode};

}  // namespace minescan::unpack
