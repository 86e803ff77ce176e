#include "inspect/decoders/base85.h"

#include <array>

#include "inspect/decoders/literals.h"

namespace minescan::inspect::decoders {
namespace {

using Values = std::array<std::int8_t, 256>;

constexpr Values values_of(std::string_view digits) {
  Values values{};
  values.fill(-1);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr Values adobe_values() {
  Values values{};
  values.fill(-1);
  for (std::size_t c = '!'; c <= 'u'; ++c) values[c] = static_cast<std::int8_t>(c - '!');
  return values;
}

constexpr Values kPython = values_of(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~");
constexpr Values kZeromq = values_of(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#");
constexpr Values kAdobe = adobe_values();

}  // namespace

std::optional<std::string> base85(std::string_view characters, Base85 kind) {
  const Values& values = kind == Base85::python   ? kPython
                         : kind == Base85::zeromq ? kZeromq
                                                  : kAdobe;
  if (kind == Base85::adobe && characters.starts_with("<~")) characters.remove_prefix(2);
  std::string bytes;
  bytes.reserve(characters.size() / 5 * 4 + 4);
  std::uint64_t group = 0;
  std::size_t count = 0;
  const auto put = [&](std::size_t most) {
    if (group > 0xffffffffu) return false;
    for (std::size_t i = 0; i < most; ++i) bytes += static_cast<char>(group >> (24 - 8 * i));
    group = 0;
    count = 0;
    return true;
  };
  for (const char c : characters) {
    if (kind == Base85::adobe && is_blank(c)) continue;
    if (kind == Base85::adobe && c == '~') break;
    if (kind == Base85::adobe && c == 'z' && count == 0) {
      bytes.append(4, '\0');
      continue;
    }
    const std::int8_t value = values[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    group = group * 85 + static_cast<std::uint64_t>(value);
    if (++count == 5 && !put(4)) return std::nullopt;
  }
  if (count == 1) return std::nullopt;
  if (count > 1) {
    const std::size_t most = count - 1;
    for (; count < 5; ++count) group = group * 85 + 84;
    if (!put(most)) return std::nullopt;
  }
  return bytes;
}

}  // namespace minescan::inspect::decoders
