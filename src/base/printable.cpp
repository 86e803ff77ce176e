#include "base/printable.h"

#include <array>

#include <cstdint>
#include <cstdio>

#include "base/utf8.h"

namespace minescan {
namespace {

bool acts(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c ||
         code == 0x180e || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
         code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
         (code >= 0xe0000 && code <= 0xe007f);
}

void append_hex(std::string& out, const char* format, std::uint32_t value) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, format, value);
  out += buffer;
}

bool starts_command(std::string_view rest) {
  return rest.starts_with("##[") || rest.starts_with("##vso[") || rest.starts_with("##teamcity[");
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  bool blank_so_far = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (out.size() >= limit) {
      out += "…";
      break;
    }
    const Utf8 decoded = decode_utf8(rest);
    if (decoded.length == 0) {
      append_hex(out, "\\x%02x", static_cast<std::uint8_t>(rest[0]));
      ++at;
    } else if (acts(decoded.code)) {
      append_hex(out, decoded.code < 0x100 ? "\\x%02x" : "\\u{%04X}", decoded.code);
      at += decoded.length;
    } else {
      out += rest.substr(0, decoded.length);
      if (starts_command(rest) || (blank_so_far && rest.starts_with("::"))) out += '\\';
      at += decoded.length;
    }
    if (decoded.code != ' ') blank_so_far = false;
  }
  return out;
}

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(number));
  return text.data();
}

}  // namespace minescan
