#include "inspect/gpu/msgpack.h"

#include <optional>

#include "base/reader.h"

namespace minescan::inspect::gpu {
namespace {

// AMD's metadata nests five deep.
constexpr std::size_t kDeepest = 32;

struct Item {
  enum class Kind { map, array, text, other };
  Kind kind = Kind::other;
  std::uint64_t items = 0;  // of a map: pairs
  std::string_view text;
};

Item container(Item::Kind kind, std::uint64_t items) { return {.kind = kind, .items = items}; }

std::optional<Item> text(Reader& reader, std::optional<std::uint64_t> size) {
  const auto bytes = size ? reader.take(*size) : std::nullopt;
  if (!bytes) return std::nullopt;
  return Item{.kind = Item::Kind::text, .text = as_text(*bytes)};
}

template <std::unsigned_integral T>
std::optional<std::uint64_t> number(Reader& reader) {
  const auto value = reader.big<T>();
  return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
}

std::optional<Item> skipped(Reader& reader, std::uint64_t bytes) {
  return reader.take(bytes) ? std::optional<Item>(Item{}) : std::nullopt;
}

std::optional<Item> sized(Reader& reader, Item::Kind kind, std::optional<std::uint64_t> size) {
  if (!size) return std::nullopt;
  if (kind == Item::Kind::text) return text(reader, size);
  if (kind == Item::Kind::other) return skipped(reader, *size);
  return container(kind, *size);
}

std::optional<Item> next(Reader& reader) {
  const auto first = reader.little<std::uint8_t>();
  if (!first) return std::nullopt;
  const unsigned tag = *first;
  if (tag <= 0x7f || tag >= 0xe0) return Item{};
  if (tag <= 0x8f) return container(Item::Kind::map, tag & 0x0f);
  if (tag <= 0x9f) return container(Item::Kind::array, tag & 0x0f);
  if (tag <= 0xbf) return text(reader, tag & 0x1f);
  switch (tag) {
    case 0xc0:  // nil, false, true
    case 0xc2:
    case 0xc3:
      return Item{};
    case 0xc4:
      return sized(reader, Item::Kind::other, number<std::uint8_t>(reader));
    case 0xc5:
      return sized(reader, Item::Kind::other, number<std::uint16_t>(reader));
    case 0xc6:
      return sized(reader, Item::Kind::other, number<std::uint32_t>(reader));
    case 0xcc:
    case 0xd0:
      return skipped(reader, 1);
    case 0xcd:
    case 0xd1:
      return skipped(reader, 2);
    case 0xca:
    case 0xce:
    case 0xd2:
      return skipped(reader, 4);
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return skipped(reader, 8);
    case 0xd9:
      return sized(reader, Item::Kind::text, number<std::uint8_t>(reader));
    case 0xda:
      return sized(reader, Item::Kind::text, number<std::uint16_t>(reader));
    case 0xdb:
      return sized(reader, Item::Kind::text, number<std::uint32_t>(reader));
    case 0xdc:
      return sized(reader, Item::Kind::array, number<std::uint16_t>(reader));
    case 0xdd:
      return sized(reader, Item::Kind::array, number<std::uint32_t>(reader));
    case 0xde:
      return sized(reader, Item::Kind::map, number<std::uint16_t>(reader));
    case 0xdf:
      return sized(reader, Item::Kind::map, number<std::uint32_t>(reader));
    default:
      return std::nullopt;
  }
}

struct Open {
  bool map = false;
  std::uint64_t left = 0;  // items, keys counted
  std::string_view key;
};

}  // namespace

std::vector<MsgpackText> msgpack_texts(ByteView bytes) {
  std::vector<MsgpackText> found;
  std::vector<Open> open;
  Reader reader(bytes);
  do {
    const auto item = next(reader);
    if (!item) break;
    const bool is_key = !open.empty() && open.back().map && open.back().left % 2 == 0;
    if (!open.empty()) --open.back().left;
    if (item->kind == Item::Kind::text && is_key) {
      open.back().key = item->text;
    } else if (item->kind == Item::Kind::text && !open.empty()) {
      found.push_back({.key = open.back().key,
                       .text = item->text,
                       .depth = static_cast<unsigned>(open.size())});
    } else if (item->kind == Item::Kind::map || item->kind == Item::Kind::array) {
      const bool map = item->kind == Item::Kind::map;
      if (open.size() >= kDeepest) break;
      open.push_back({.map = map, .left = map ? item->items * 2 : item->items});
    }
    while (!open.empty() && open.back().left == 0) open.pop_back();
  } while (!open.empty());
  return found;
}

}  // namespace minescan::inspect::gpu
