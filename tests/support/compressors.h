#pragma once
// Makes compressed bytes for tests, each with the library that the format comes from.

#include <brotli/encode.h>
#include <bzlib.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zstd.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"

namespace minescan::test {

template <class T>
std::string little(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff));
  }
  return bytes;
}

inline std::uint32_t crc32_of(std::string_view text) {
  return crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

inline std::string raw_deflate(std::string_view text) {
  const auto stream = std::make_unique<isal_zstream>();
  isal_deflate_stateless_init(stream.get());
  std::string out(text.size() + text.size() / 8 + 1024, '\0');
  stream->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  stream->avail_in = static_cast<std::uint32_t>(text.size());
  stream->next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream->avail_out = static_cast<std::uint32_t>(out.size());
  stream->end_of_stream = 1;
  MINESCAN_CHECK(isal_deflate_stateless(stream.get()) == COMP_OK);
  out.resize(stream->total_out);
  return out;
}

// Deflate without compression, in blocks of at most 65,535 bytes.
inline std::string stored_deflate(std::string_view text) {
  std::string out;
  do {
    const auto size = static_cast<std::uint16_t>(std::min<std::size_t>(text.size(), 0xffff));
    out.push_back(size == text.size() ? '\1' : '\0');
    out += little(size) + little(static_cast<std::uint16_t>(~size));
    out += text.substr(0, size);
    text.remove_prefix(size);
  } while (!text.empty());
  return out;
}

inline const std::string kGzipHeader("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);

inline std::string gzip_around(std::string_view text, const std::string& packed) {
  return kGzipHeader + packed + little(crc32_of(text)) +
         little(static_cast<std::uint32_t>(text.size()));
}
inline std::string gzip(std::string_view text) { return gzip_around(text, raw_deflate(text)); }

inline std::string zstd(std::string_view text, int level = 3) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), level);
  MINESCAN_CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

inline std::string brotli(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size());
  std::string out(size, '\0');
  const auto* from = reinterpret_cast<const std::uint8_t*>(text.data());
  auto* to = reinterpret_cast<std::uint8_t*>(out.data());
  MINESCAN_CHECK(BrotliEncoderCompress(5, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, text.size(),
                                       from, &size, to) == BROTLI_TRUE);
  out.resize(size);
  return out;
}

inline std::string skippable(std::string_view text, std::uint32_t magic = 0x184D2A50) {
  return little(magic) + little(static_cast<std::uint32_t>(text.size())) + std::string(text);
}

inline std::string xz(std::string_view text, std::uint32_t preset = 6) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  MINESCAN_CHECK(lzma_easy_buffer_encode(preset, LZMA_CHECK_CRC64, nullptr,
                                         reinterpret_cast<const std::uint8_t*>(text.data()),
                                         text.size(), reinterpret_cast<std::uint8_t*>(out.data()),
                                         &size, out.size()) == LZMA_OK);
  out.resize(size);
  return out;
}

// The older .lzma, whose header says that the size is unknown.
inline std::string lzma_alone(std::string_view text) {
  lzma_options_lzma options;
  MINESCAN_CHECK(!lzma_lzma_preset(&options, 0));
  lzma_stream stream = LZMA_STREAM_INIT;
  MINESCAN_CHECK(lzma_alone_encoder(&stream, &options) == LZMA_OK);
  std::string out(text.size() * 2 + 1024, '\0');
  stream.next_in = reinterpret_cast<const std::uint8_t*>(text.data());
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = out.size();
  MINESCAN_CHECK(lzma_code(&stream, LZMA_FINISH) == LZMA_STREAM_END);
  out.resize(stream.total_out);
  lzma_end(&stream);
  return out;
}

inline std::string bzip2(std::string_view text) {
  std::string out(text.size() + text.size() / 50 + 1024, '\0');
  auto size = static_cast<unsigned>(out.size());
  MINESCAN_CHECK(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                          static_cast<unsigned>(text.size()), 9, 0, 0) == BZ_OK);
  out.resize(size);
  return out;
}

inline std::string lz4(std::string_view text) {
  std::string out(LZ4F_compressFrameBound(text.size(), nullptr), '\0');
  const std::size_t size =
      LZ4F_compressFrame(out.data(), out.size(), text.data(), text.size(), nullptr);
  MINESCAN_CHECK(LZ4F_isError(size) == 0);
  out.resize(size);
  return out;
}

// Text that does not compress to nothing: numbers, one a line.
inline std::string numbers(std::size_t bytes) {
  std::string text;
  std::uint32_t value = 1;
  while (text.size() < bytes) {
    value = value * 1664525 + 1013904223;
    text += std::to_string(value) + "\n";
  }
  text.resize(bytes);
  return text;
}

}  // namespace minescan::test
