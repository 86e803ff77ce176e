#include "inspect/programs/net.h"

#include <algorithm>

#include "base/utf8.h"
#include "inspect/programs/fields.h"

namespace minescan::inspect::programs {
namespace {

constexpr std::size_t kMostStreams = 64;        // compilers write five
constexpr std::size_t kLongestString = 65'536;  // bytes of one literal that are kept

void read_names(ByteView heap, NetInfo& info, std::vector<std::string>& problems) {
  std::string_view text = as_text(heap);
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    if (name.empty()) continue;
    if (info.names.size() == kMostSymbols) {
      add_problem(problems, "only the first 1,000,000 names are listed");
      return;
    }
    info.names.push_back(name.substr(0, kLongestName));
  }
}

// UTF-16 as UTF-8; halves of surrogate pairs that stand alone become U+FFFD.
std::string utf8(ByteView wide) {
  std::string text;
  Fields fields(wide.first(std::min(wide.size(), kLongestString)), false);
  while (fields.left() >= 2) {
    std::uint32_t code = fields.half();
    if (code >= 0xd800 && code < 0xdc00 && fields.left() >= 2) {
      Fields ahead = fields;
      const std::uint32_t low = ahead.half();
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        fields = ahead;
      }
    }
    append_utf8(text, code);
  }
  return text;
}

// A length of one, two or four bytes; the first bits tell.
std::uint32_t packed_length(Fields& fields) {
  const std::uint32_t first = fields.byte();
  if (first < 0x80) return first;
  const std::uint32_t second = fields.byte();
  if (first < 0xc0) return (first & 0x3f) << 8 | second;
  const std::uint32_t third = fields.byte();
  return (first & 0x1f) << 24 | second << 16 | third << 8 | fields.byte();
}

void read_user_strings(ByteView heap, NetInfo& info, std::vector<std::string>& problems) {
  Fields fields(heap, false);
  while (fields.left() != 0) {
    const std::uint32_t size = packed_length(fields);
    const ByteView blob = fields.bytes(size);
    if (!fields.good()) {
      add_problem(problems, "the strings of the assembly are cut short");
      return;
    }
    // The last byte only says whether the text has uncommon characters.
    if (size < 3) continue;
    if (info.user_strings.size() == kMostSymbols) {
      add_problem(problems, "only the first 1,000,000 strings are listed");
      return;
    }
    info.user_strings.push_back(utf8(blob.first(blob.size() - 1)));
  }
}

}  // namespace

std::optional<NetInfo> read_net_metadata(ByteView metadata, std::vector<std::string>& problems) {
  Fields fields(metadata, false);
  if (fields.word() != 0x424a5342) return std::nullopt;  // "BSJB"
  fields.skip(8);
  NetInfo info;
  info.version = fields.text(fields.word());
  fields.half();
  const std::uint16_t count = fields.half();
  for (std::size_t i = 0; i < std::min<std::size_t>(count, kMostStreams); ++i) {
    const std::uint32_t offset = fields.word();
    const std::uint32_t size = fields.word();
    if (!fields.good()) break;
    const std::string_view name = text_at(metadata, fields.position()).substr(0, 32);
    fields.skip(name.size() / 4 * 4 + 4);
    const ByteView heap = content(metadata, offset, size);
    if (heap.size() < size) add_problem(problems, "the metadata of the assembly is cut short");
    // More than one of a name is one for the runtime too.
    if (name == "#Strings" && info.names.empty()) read_names(heap, info, problems);
    if (name == "#US" && info.user_strings.empty()) read_user_strings(heap, info, problems);
  }
  if (!fields.good()) add_problem(problems, "the metadata of the assembly is cut short");
  return info;
}

}  // namespace minescan::inspect::programs
