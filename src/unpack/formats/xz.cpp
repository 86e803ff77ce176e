// xz, lzip and the older .lzma, all by liblzma: streams one after the other with the padding that
// each allows.

#include "unpack/formats/xz.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "base/reader.h"
#include "unpack/formats/all.h"

namespace minescan::unpack {
namespace {

constexpr std::string_view kXzMagic(
    "\xfd"
    "7zXZ\0",
    6);
constexpr std::string_view kLzipMagic = "LZIP";

bool recognise_xz(ByteView head) { return as_text(head).starts_with(kXzMagic); }

// Versions 0 and 1; the dictionary is 4 KiB to 512 MiB.
bool recognise_lzip(ByteView head) {
  if (head.size() < 6 || !as_text(head).starts_with(kLzipMagic)) return false;
  const auto log = std::to_integer<unsigned>(head[5]) & 0x1f;
  return std::to_integer<unsigned>(head[4]) <= 1 && log >= 12 && log <= 29;
}

bool plausible_dictionary(std::uint32_t size) {
  // 2^n or 2^n + 2^(n-1), as all encoders write it and liblzma demands; from 4 KiB.
  if (size < 4096) return false;
  return std::has_single_bit(size) ||
         (std::popcount(size) == 2 && std::countr_zero(size) + 1 == 31 - std::countl_zero(size));
}

// Whether the bytes after a plausible header decode, as far as they go.
bool decodes(ByteView head) {
  lzma_stream stream = LZMA_STREAM_INIT;
  constexpr std::uint64_t kEnough = std::uint64_t{1} << 31;  // allocated, but hardly touched
  if (lzma_alone_decoder(&stream, kEnough) != LZMA_OK) return false;
  std::array<std::uint8_t, 16384> out;
  stream.next_in = reinterpret_cast<const std::uint8_t*>(head.data());
  stream.avail_in = head.size();
  lzma_ret result = LZMA_OK;
  while (result == LZMA_OK && stream.total_out < (std::uint64_t{1} << 20)) {
    stream.next_out = out.data();
    stream.avail_out = out.size();
    result = lzma_code(&stream, LZMA_RUN);
  }
  const std::uint64_t made = stream.total_out;
  lzma_end(&stream);
  return (result == LZMA_OK || result == LZMA_STREAM_END || result == LZMA_BUF_ERROR) && made != 0;
}

// .lzma has no magic.  Its header must make sense in every field, and what follows must decode.
bool recognise_lzma(ByteView head) {
  Reader reader(head);
  const auto properties = reader.little<std::uint8_t>();
  const auto dictionary = reader.little<std::uint32_t>();
  const auto size = reader.little<std::uint64_t>();
  const auto first = reader.little<std::uint8_t>();
  if (!properties || !dictionary || !size || !first || reader.left() < 5) return false;
  if (*properties >= 9 * 5 * 5 || *first != 0) return false;
  constexpr std::uint64_t kUnknown = ~std::uint64_t{0};
  if (*size != kUnknown && (*size == 0 || *size > (std::uint64_t{1} << 38))) return false;
  return plausible_dictionary(*dictionary) && decodes(head);
}

}  // namespace

LzmaSource::LzmaSource(Source& parent, Kind kind, std::uint64_t memory, std::string prefix)
    : DecodingSource(parent,
                     kind == Kind::xz     ? "xz"
                     : kind == Kind::lzip ? "lzip"
                                          : "lzma",
                     prefix.empty() ? kXzMagic.size() : 0),
      kind_(kind),
      memory_(memory),
      prefix_(std::move(prefix)) {}

LzmaSource::~LzmaSource() { lzma_end(&stream_); }

bool LzmaSource::start() {
  lzma_ret result = LZMA_PROG_ERROR;
  switch (kind_) {
    case Kind::xz:
      result = lzma_stream_decoder(&stream_, memory_, 0);
      break;
    case Kind::lzip:
      result = lzma_lzip_decoder(&stream_, memory_, 0);
      break;
    case Kind::lzma:
      result = lzma_alone_decoder(&stream_, memory_);
      break;
  }
  if (result != LZMA_OK) return false;
  // The decoder reads nothing without room for output, and makes none of a header.
  std::uint8_t room = 0;
  if (prefix_.empty()) return true;
  stream_.next_in = reinterpret_cast<const std::uint8_t*>(prefix_.data());
  stream_.avail_in = prefix_.size();
  stream_.next_out = &room;
  stream_.avail_out = 1;
  result = lzma_code(&stream_, LZMA_RUN);
  return result == LZMA_OK && stream_.avail_in == 0 && stream_.avail_out == 1;
}

DecodingSource::Step LzmaSource::decode(ByteView in, bool last, OutBytes out) {
  if (in_stream_) return stream(in, out);
  if (!first_) {
    // xz pads with NULs in groups of four, lzip not at all; .lzma is one stream.
    const auto junk =
        std::find_if(in.begin(), in.end(), [](std::byte b) { return b != std::byte{0}; });
    const auto zeros = static_cast<std::size_t>(junk - in.begin());
    if (kind_ == Kind::xz && zeros != 0) return {.used = zeros, .boundary = true};
    if (in.size() < kXzMagic.size() && !last) return {};
    const bool more =
        (kind_ == Kind::xz && recognise_xz(in)) || (kind_ == Kind::lzip && recognise_lzip(in));
    if (!more) return {.state = State::end};
  }
  if (!start()) return give_up(Code::corrupt, "has a header that breaks the rules");
  first_ = false;
  in_stream_ = true;
  return stream(in, out);
}

DecodingSource::Step LzmaSource::stream(ByteView in, OutBytes out) {
  stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  stream_.avail_in = in.size();
  stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream_.avail_out = out.size();
  const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
  Step step{.used = in.size() - stream_.avail_in, .made = out.size() - stream_.avail_out};
  decoded_ += step.made;
  if (result == LZMA_STREAM_END) {
    in_stream_ = false;
    step.boundary = true;
    if (kind_ == Kind::lzma) step.state = State::end;
  } else if (result != LZMA_OK && result != LZMA_BUF_ERROR) {
    refuse(result);
    step.state = State::failed;
  }
  return step;
}

void LzmaSource::refuse(lzma_ret result) {
  const std::string after = ", after " + std::to_string(decoded_) + " decoded bytes";
  switch (result) {
    case LZMA_MEMLIMIT_ERROR:
      return report(Code::limit_memory, "needs " + std::to_string(lzma_memusage(&stream_) >> 20) +
                                            " MiB of memory, more than the limit allows" + after);
    case LZMA_MEM_ERROR:
      return report(Code::limit_memory, "needs more memory than there is" + after);
    case LZMA_OPTIONS_ERROR:
      return report(Code::unsupported, "uses an option that this version does not know" + after);
    default:
      return report(Code::corrupt, "is not valid" + after);
  }
}

namespace {

template <LzmaSource::Kind kind>
std::unique_ptr<Decoded> decode(Source& parent, const Limits& limits) {
  return std::make_unique<LzmaSource>(parent, kind, limits.decoder_memory);
}

}  // namespace

const Format kXz{.name = "xz", .recognise = recognise_xz, .decode = decode<LzmaSource::Kind::xz>};
const Format kLzip{
    .name = "lzip", .recognise = recognise_lzip, .decode = decode<LzmaSource::Kind::lzip>};
const Format kLzma{
    .name = "lzma", .recognise = recognise_lzma, .decode = decode<LzmaSource::Kind::lzma>};

}  // namespace minescan::unpack
