#pragma once
// Encodings for tests of decoders, written plainly and apart from the decoders.

#include <algorithm>
#include <string>
#include <string_view>

#include "support/archives.h"

namespace minescan::test {

inline std::string base64_of(std::string_view text, std::size_t width = 0) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    const std::size_t count = std::min<std::size_t>(3, text.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < count ? static_cast<unsigned char>(text[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= count ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
    }
  }
  if (width == 0) return out;
  std::string lines;
  for (std::size_t at = 0; at < out.size(); at += width) {
    if (at != 0) lines += '\n';
    lines += out.substr(at, width);
  }
  return lines;
}

inline std::string base32_of(std::string_view text) {
  std::string out, bits;
  for (const char c : text) {
    for (int bit = 7; bit >= 0; --bit) bits += (c >> bit & 1) != 0 ? '1' : '0';
  }
  while (bits.size() % 5 != 0) bits += '0';
  for (std::size_t i = 0; i < bits.size(); i += 5) {
    out += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[std::stoul(bits.substr(i, 5), nullptr, 2)];
  }
  return out;
}

// Lines of 45 bytes, without the ones before and behind.
inline std::string uuencoded(std::string_view text) {
  const auto digit = [](unsigned bits) { return static_cast<char>(' ' + (bits & 63)); };
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 45) {
    std::string line(text.substr(at, 45));
    out += digit(static_cast<unsigned>(line.size()));
    while (line.size() % 3 != 0) line += '\0';
    for (std::size_t i = 0; i < line.size(); i += 3) {
      const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(line[i + k]); };
      const unsigned bits = static_cast<unsigned>(byte(0) << 16 | byte(1) << 8 | byte(2));
      for (const unsigned shift : {18u, 12u, 6u, 0u}) out += digit(bits >> shift);
    }
    out += '\n';
  }
  return out;
}

// Each byte by a printf format: "\\x%02x", "%u, ".
inline std::string each_byte(std::string_view text, const char* format) {
  std::string out;
  for (const char c : text) out += format_text(format, static_cast<unsigned char>(c));
  return out;
}

inline std::string rot13_of(std::string text) {
  for (char& c : text) {
    const char base = c >= 'a' && c <= 'z' ? 'a' : c >= 'A' && c <= 'Z' ? 'A' : '\0';
    if (base != '\0') c = static_cast<char>((c - base + 13) % 26 + base);
  }
  return text;
}

// The text in parts of `size` with `between` between them.
inline std::string cut_up(std::string_view text, std::size_t size, std::string_view between) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += size) {
    if (at != 0) out += between;
    out += text.substr(at, size);
  }
  return out;
}

inline std::string xored(std::string text, unsigned char key) {
  for (char& c : text) c = static_cast<char>(static_cast<unsigned char>(c) ^ key);
  return text;
}

// The same bytes for the same seed, without any order.
inline std::string noise(std::size_t size, std::uint32_t seed) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    seed = seed * 1664525u + 1013904223u;
    out += static_cast<char>(seed >> 24);
  }
  return out;
}

}  // namespace minescan::test
