#include "inspect/wrappers/parts.h"

#include <brotli/decode.h>

#include <algorithm>
#include <memory>

#include "base/handle.h"
#include "inspect/packers/streams.h"

namespace minescan::inspect::wrappers {
namespace {

constexpr std::size_t kLongestName = 100;  // bytes of a path that trails show

bool is_text_byte(std::byte byte) {
  const auto c = std::to_integer<unsigned>(byte);
  return (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\r' || c == '\t' || c == '\f';
}

}  // namespace

bool Parts::add(std::string name, std::uint64_t begin, std::uint64_t end, std::string_view bytes,
                bool cut) {
  if (bytes.empty()) return true;
  if (bytes.size() > room() || count_ >= kMostParts) {
    if (!told_) limit("more wrapped parts than are looked into");
    told_ = true;
    return false;
  }
  bytes_ += bytes.size();
  ++count_;
  hidden_({.name = std::move(name),
           .begin = begin,
           .end = end,
           .bytes = std::string(bytes),
           .cut = cut});
  return true;
}

std::string part_name(std::string_view wrapper, std::string_view path) {
  std::string name(wrapper);
  if (path.empty()) return name;
  if (path.size() > kLongestName) path = path.substr(path.size() - kLongestName);
  return name + " " + std::string(path);
}

std::optional<Inflated> inflate(ByteView packed, std::uint64_t most) {
  // Deflate makes at most 1032 bytes of one (zlib's technical notes).
  constexpr std::uint64_t kMostOfOne = 1032;
  const std::uint64_t limit = std::min(most, packed.size() * kMostOfOne + kMostOfOne);
  if (packed.empty() || limit == 0) return std::nullopt;
  // Memory for the most that there could be is not taken: code makes four bytes of one.
  constexpr std::uint64_t kUsual = 8;
  Inflated result;
  for (std::uint64_t size = std::min(limit, packed.size() * kUsual);;
       size = std::min(limit, size * kUsual)) {
    result.bytes.resize(static_cast<std::size_t>(size));
    const auto made = packers::unpack_stream(packers::Method::deflate, packed, result.bytes);
    result.whole = made.end;
    if (made.full && !made.end && size < limit) continue;
    result.bytes.resize(made.made);
    break;
  }
  if (result.bytes.empty()) return std::nullopt;
  return result;
}

std::optional<Inflated> inflate_zlib(ByteView packed, std::uint64_t most) {
  constexpr std::size_t kHeader = 2;
  const bool zlib = packed.size() > kHeader && (packed[0] & std::byte{0x0f}) == std::byte{8};
  if (!zlib) return std::nullopt;
  return inflate(packed.subspan(kHeader), most);
}

std::optional<Inflated> inflate_brotli(ByteView packed, std::uint64_t most) {
  const std::unique_ptr<BrotliDecoderState, Freer<BrotliDecoderDestroyInstance>> decoder(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
  if (!decoder || packed.empty() || most == 0) return std::nullopt;
  std::size_t left = packed.size();
  const auto* next = reinterpret_cast<const std::uint8_t*>(packed.data());
  Inflated result;
  while (true) {
    std::size_t no_room = 0;
    const BrotliDecoderResult got =
        BrotliDecoderDecompressStream(decoder.get(), &left, &next, &no_room, nullptr, nullptr);
    std::size_t size = 0;  // 0 = all that is there
    const auto* const made = BrotliDecoderTakeOutput(decoder.get(), &size);
    size = std::min<std::size_t>(size, static_cast<std::size_t>(most - result.bytes.size()));
    result.bytes.append(reinterpret_cast<const char*>(made), size);
    if (got == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && size != 0) {
      if (result.bytes.size() == most) return result;
      continue;
    }
    result.whole = got == BROTLI_DECODER_RESULT_SUCCESS && left == 0 &&
                   BrotliDecoderHasMoreOutput(decoder.get()) == BROTLI_FALSE;
    if (!result.whole || result.bytes.empty()) return std::nullopt;
    return result;
  }
}

void add_texts(const Wrapped& block, std::size_t begin, std::size_t end, std::size_t shortest,
               std::string_view name, Parts& parts) {
  end = std::min(end, block.bytes.size());
  for (std::size_t at = begin; at < end;) {
    std::size_t to = at;
    while (to < end && is_text_byte(block.bytes[to])) ++to;
    if (to - at >= shortest && !parts.add(std::string(name), block.offset + at, block.offset + to,
                                          as_text(block.bytes.subspan(at, to - at)))) {
      return;
    }
    at = to + 1;
  }
}

}  // namespace minescan::inspect::wrappers
