#include "unpack/formats/zip_body.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "unpack/formats/all.h"
#include "unpack/formats/xz.h"

namespace minescan::unpack::zip {
namespace {

// APPNOTE.TXT 4.4.5; 20 was zstd's number before 93.
constexpr std::uint16_t kBzip2Method = 12;
constexpr std::uint16_t kOldZstdMethod = 20;
constexpr std::uint16_t kZstdMethod = 93;
constexpr std::uint16_t kXzMethod = 95;

class DeflateSource final : public DecodingSource {
 public:
  explicit DeflateSource(Source& parent) : DecodingSource(parent, "deflate", 0) {}

 private:
  Step decode(ByteView in, bool /*last*/, OutBytes out) override {
    const auto progress = inflater_.run(in, out);
    decoded_ += progress.made;
    Step step{.used = progress.used, .made = progress.made};
    if (progress.bad) {
      report(Code::corrupt,
             "breaks its rules after " + std::to_string(decoded_) + " decoded bytes");
      step.state = State::failed;
    }
    if (progress.end) step.state = State::end;
    return step;
  }

  Inflater inflater_;
  std::uint64_t decoded_ = 0;
};

// What .lzma has in front of the same stream: the properties and the decoded size.
std::string lzma_prefix(const Entry& entry, ByteView header) {
  constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();
  const bool ends_itself =
      (entry.flags & kFlagLzmaEnd) != 0 || (entry.flags & kFlagDescriptor) != 0;
  std::uint64_t size = ends_itself ? kUnknown : entry.size;
  std::string prefix(as_text(header.subspan(4)));
  for (int i = 0; i < 8; ++i, size >>= 8) prefix.push_back(static_cast<char>(size & 0xff));
  return prefix;
}

}  // namespace

std::optional<std::string_view> method_name(std::uint16_t method) {
  switch (method) {
    case kStored:
      return "";
    case kDeflate:
      return "deflate";
    case kBzip2Method:
      return "bzip2";
    case kLzma:
      return "lzma";
    case kOldZstdMethod:
    case kZstdMethod:
      return "zstd";
    case kXzMethod:
      return "xz";
    default:
      return std::nullopt;
  }
}

std::unique_ptr<Source> decode_body(Source& packed, const Entry& entry, ByteView lzma_header,
                                    const Limits& limits) {
  switch (entry.method) {
    case kBzip2Method:
      return kBzip2.decode(packed, limits);
    case kLzma:
      return std::make_unique<LzmaSource>(packed, LzmaSource::Kind::lzma, limits.decoder_memory,
                                          lzma_prefix(entry, lzma_header));
    case kOldZstdMethod:
    case kZstdMethod:
      return kZstd.decode(packed, limits);
    case kXzMethod:
      return kXz.decode(packed, limits);
    default:
      return std::make_unique<DeflateSource>(packed);
  }
}

DescriptorSearch find_descriptor(ByteView bytes, std::uint64_t before, bool stored, bool last) {
  const auto read = [stored](ByteView at, std::uint64_t body) {
    return read_descriptor(at, body, stored ? std::optional(body) : std::nullopt);
  };
  // With and without its signature, 4 or 8 bytes a size; the latter are found from what follows.
  constexpr std::size_t kBare[] = {20, 12};
  std::size_t from = 0;
  while (const auto found = find_signature(bytes.subspan(from))) {
    const std::size_t at = from + *found;
    for (const std::size_t bare : kBare) {
      if (at < bare) continue;
      const auto match = read(bytes.subspan(at - bare, bare), before + at - bare);
      if (match && match->bytes == bare) return {.body = at - bare, .found = true};
    }
    if (bytes.size() - at < kLongestDescriptor && !last) break;
    if (signature(bytes.subspan(at)) == kDescriptor && read(bytes.subspan(at), before + at)) {
      return {.body = at, .found = true};
    }
    from = at + 4;
  }
  if (last) return {.body = bytes.size()};
  // What is kept back may turn out to be a descriptor.
  return {.body = bytes.size() - std::min(bytes.size(), kLongestDescriptor)};
}

DecodingSource::Step StoredSource::decode(ByteView in, bool last, OutBytes out) {
  const DescriptorSearch search = find_descriptor(in, copied_, true, last);
  const std::size_t n = std::min(search.body, out.size());
  if (n != 0) std::memcpy(out.data(), in.data(), n);
  copied_ += n;
  const bool end = search.found && n == search.body;
  return {.used = n, .made = n, .state = end ? State::end : State::more};
}

void ChecksumSource::skip(std::size_t n) {
  if (seen_.size() < n) seen_ = parent_.peek(n);
  crc_ = crc32(crc_, seen_.first(n));
  seen_ = {};
  size_ += n;
  parent_.skip(n);
}

}  // namespace minescan::unpack::zip
