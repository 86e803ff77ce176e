#include "inspect/views.h"

#include "base/utf8.h"

namespace minescan::inspect {
namespace {

// Shorter runs of wide characters are mostly chance.
constexpr std::size_t kShortestWideString = 6;

std::uint32_t unit_at(ByteView bytes, std::size_t at, Encoding encoding) {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[at + i]); };
  switch (encoding) {
    case Encoding::utf16le:
      return byte(0) | byte(1) << 8;
    case Encoding::utf16be:
      return byte(1) | byte(0) << 8;
    case Encoding::utf32le:
      return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    case Encoding::utf32be:
      return byte(3) | byte(2) << 8 | byte(1) << 16 | byte(0) << 24;
    case Encoding::bytes:
      break;
  }
  return byte(0);
}

bool printable_ascii(std::byte byte) {
  const auto c = std::to_integer<unsigned>(byte);
  return (c >= 0x20 && c < 0x7f) || c == '\t';
}

}  // namespace

void Views::window(const Window& window, ViewSink& sink) {
  if (type_.encoding != Encoding::bytes) wide_text(window, sink);
  if (type_.name == "PE") wide_strings(window, sink);
}

void Views::wide_text(const Window& window, ViewSink& sink) {
  const bool wide32 = type_.encoding == Encoding::utf32le || type_.encoding == Encoding::utf32be;
  const std::size_t width = wide32 ? 4 : 2;
  text_.clear();
  std::size_t from = 0, to = 0;
  for (std::size_t at = 0; at + width <= window.bytes.size(); at += width) {
    if (at == window.from) from = text_.size();
    if (at <= window.to) to = text_.size();
    std::uint32_t code = unit_at(window.bytes, at, type_.encoding);
    if (!wide32 && code >= 0xd800 && code < 0xdc00 && at + 4 <= window.bytes.size()) {
      const std::uint32_t low = unit_at(window.bytes, at + 2, type_.encoding);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 2;
      }
    }
    append_utf8(text_, code);
  }
  if (window.to == window.bytes.size()) to = text_.size();
  const Step step{Step::Kind::decoder, std::string(encoding_name(type_.encoding))};
  sink.on_view(type_.view, step, {.bytes = as_bytes(text_), .from = from, .to = to}, offset_);
  offset_ += to - from;
}

void Views::wide_strings(const Window& window, ViewSink& sink) {
  text_.clear();
  const ByteView bytes = window.bytes;
  for (std::size_t at = window.from; at + 2 <= bytes.size() && at < window.to;) {
    std::size_t length = 0;
    while (at + 2 * length + 2 <= bytes.size() && printable_ascii(bytes[at + 2 * length]) &&
           bytes[at + 2 * length + 1] == std::byte{0}) {
      ++length;
    }
    if (length < kShortestWideString) {
      ++at;
      continue;
    }
    for (std::size_t i = 0; i < length; ++i) {
      text_ += static_cast<char>(std::to_integer<unsigned char>(bytes[at + 2 * i]));
    }
    text_ += '\n';
    at += 2 * length;
  }
  if (text_.empty()) return;
  sink.on_view(type_.view, {Step::Kind::view, "wide strings"},
               {.bytes = as_bytes(text_), .from = 0, .to = text_.size()}, offset_);
  offset_ += text_.size();
}

}  // namespace minescan::inspect
