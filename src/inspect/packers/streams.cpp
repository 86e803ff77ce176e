#include "inspect/packers/streams.h"

#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <ucl/ucl.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

namespace minescan::inspect::packers {
namespace {

std::uint32_t bounded(std::size_t n) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(n, std::numeric_limits<std::int32_t>::max()));
}

using UclDecoder = int (*)(const ucl_bytep, ucl_uint, ucl_bytep, ucl_uintp, ucl_voidp);

UclDecoder ucl_decoder(Method method) {
  switch (method) {
    case Method::nrv2b_le32:
      return ucl_nrv2b_decompress_safe_le32;
    case Method::nrv2b_8:
      return ucl_nrv2b_decompress_safe_8;
    case Method::nrv2b_le16:
      return ucl_nrv2b_decompress_safe_le16;
    case Method::nrv2d_le32:
      return ucl_nrv2d_decompress_safe_le32;
    case Method::nrv2d_8:
      return ucl_nrv2d_decompress_safe_8;
    case Method::nrv2d_le16:
      return ucl_nrv2d_decompress_safe_le16;
    case Method::nrv2e_le32:
      return ucl_nrv2e_decompress_safe_le32;
    case Method::nrv2e_8:
      return ucl_nrv2e_decompress_safe_8;
    case Method::nrv2e_le16:
      return ucl_nrv2e_decompress_safe_le16;
    default:
      return nullptr;
  }
}

// UCL takes four bytes of input at a time and asks afterwards whether they were there, so it reads
// past the end of what it is given.  It is given less than there is, and at the end a copy.
constexpr std::size_t kReadsPast = 64;

Unpacking unpack_ucl(UclDecoder decoder, ByteView packed, std::span<char> out) {
  // Where matches are short a stream has little over the size of what it makes.
  const std::size_t most = out.size() + out.size() / 8 + 256;
  std::string copy;
  if (packed.size() >= most + kReadsPast) {
    packed = packed.first(most);
  } else {
    copy.reserve(packed.size() + kReadsPast);
    copy = as_text(packed);
    copy.append(kReadsPast, '\0');
    packed = as_bytes(copy).first(packed.size());
  }
  auto made = static_cast<ucl_uint>(bounded(out.size()));
  // UCL does not write to its input; its interface only lacks the const.
  auto* in = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(packed.data()));
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  const int result = decoder(in, bounded(packed.size()), to, &made, nullptr);
  return {.made = std::min<std::size_t>(made, out.size()),
          .end = result == UCL_E_OK || result == UCL_E_INPUT_NOT_CONSUMED,
          .full = result == UCL_E_OUTPUT_OVERRUN};
}

// Two bytes tell the parameters, each of them one of them twice; then raw LZMA1.
Unpacking unpack_lzma(ByteView packed, std::span<char> out) {
  if (packed.size() < 3 || out.empty()) return {};
  const auto first = std::to_integer<std::uint32_t>(packed[0]);
  const auto second = std::to_integer<std::uint32_t>(packed[1]);
  lzma_options_lzma options{};
  options.lc = second & 15;
  options.lp = second >> 4;
  options.pb = first & 7;
  // The range coder's first byte is always 0.
  if (options.lc + options.lp != first >> 3 || packed[2] != std::byte{0}) return {};
  options.dict_size = std::max<std::uint32_t>(LZMA_DICT_SIZE_MIN, bounded(out.size()));
  const lzma_filter filters[] = {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_raw_decoder(&stream, filters) != LZMA_OK) return {};
  stream.next_in = reinterpret_cast<const std::uint8_t*>(packed.data()) + 2;
  stream.avail_in = packed.size() - 2;
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = out.size();
  lzma_ret result = LZMA_OK;
  while (result == LZMA_OK && stream.avail_out != 0) result = lzma_code(&stream, LZMA_RUN);
  const std::size_t made = out.size() - stream.avail_out;
  lzma_end(&stream);
  return {.made = made, .end = result == LZMA_STREAM_END, .full = made == out.size()};
}

Unpacking unpack_deflate(ByteView packed, std::span<char> out) {
  // Zeroed: with an incomplete code ISA-L looks at entries of its tables that it did not write.
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(packed.data()));
  state->avail_in = bounded(packed.size());
  state->next_out = reinterpret_cast<std::uint8_t*>(out.data());
  state->avail_out = bounded(out.size());
  const int result = isal_inflate(state.get());
  return {.made = bounded(out.size()) - state->avail_out,
          .end = result == ISAL_DECOMP_OK && state->block_state == ISAL_BLOCK_FINISH,
          .full = state->avail_out == 0};
}

}  // namespace

std::string_view method_name(Method method) {
  switch (method) {
    case Method::nrv2b_le32:
    case Method::nrv2b_8:
    case Method::nrv2b_le16:
      return "NRV2B";
    case Method::nrv2d_le32:
    case Method::nrv2d_8:
    case Method::nrv2d_le16:
      return "NRV2D";
    case Method::nrv2e_le32:
    case Method::nrv2e_8:
    case Method::nrv2e_le16:
      return "NRV2E";
    case Method::lzma:
      return "LZMA";
    case Method::deflate:
      return "deflate";
  }
  return {};
}

Unpacking unpack_stream(Method method, ByteView packed, std::span<char> out) {
  if (packed.empty() || out.empty()) return {};
  if (method == Method::lzma) return unpack_lzma(packed, out);
  if (method == Method::deflate) return unpack_deflate(packed, out);
  const UclDecoder decoder = ucl_decoder(method);
  return decoder != nullptr ? unpack_ucl(decoder, packed, out) : Unpacking{};
}

}  // namespace minescan::inspect::packers
