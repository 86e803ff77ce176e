#include "acquire/git/ids.h"

namespace minescan::acquire {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string hex(const ObjectId& id) {
  std::string text;
  text.reserve(2 * id.size());
  for (const std::uint8_t byte : id) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

std::optional<ObjectId> id_from_hex(std::string_view digits) {
  ObjectId id{};
  if (digits.size() != 2 * id.size()) return std::nullopt;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto value = kDigits.find(digits[i]);
    if (value == std::string_view::npos) return std::nullopt;
    id[i / 2] = static_cast<std::uint8_t>((std::size_t{id[i / 2]} << 4 | value) & 0xff);
  }
  return id;
}

}  // namespace minescan::acquire
