#include "inspect/wrappers/node.h"

#include <algorithm>
#include <bit>

#include "base/json.h"
#include "base/reader.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::wrappers {
namespace {

// Texts of a blob that are shorter are names and numbers.
constexpr std::size_t kShortestText = 32;

// A number of JavaScript that counts bytes.
std::optional<std::uint64_t> byte_count(Reader& reader) {
  const auto bits = reader.little<std::uint64_t>();
  if (!bits) return std::nullopt;
  const double number = std::bit_cast<double>(*bits);
  constexpr double kMost = 9007199254740991.0;  // the last integer before there are gaps
  if (!(number >= 0 && number <= kMost)) return std::nullopt;
  const auto count = static_cast<std::uint64_t>(number);
  return static_cast<double>(count) == number ? std::optional(count) : std::nullopt;
}

// The JSON object that begins at `at`, to its closing brace; empty when it has none within `most`.
std::string_view json_object(std::string_view text, std::size_t at, std::size_t most) {
  const std::size_t end = std::min(text.size(), at + std::min(most, text.size() - at));
  bool quoted = false;
  std::size_t depth = 0;
  for (std::size_t i = at; i < end; ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return text.substr(at, i + 1 - at);
    }
  }
  return {};
}

struct Stored {
  std::string name;
  std::uint64_t offset = 0;  // of the payload
  std::uint64_t size = 0;
};

// The files of pkg's table whose content is there as it was.
struct Snapshot {
  std::vector<Stored> files;
  std::uint64_t payload = 0;  // bytes
  std::uint64_t rows = 0;
};

std::optional<Stored> stored(const Json& place) {
  if (!place.is_array() || place.size() != 2) return std::nullopt;
  if (!place[0].is_number_unsigned() || !place[1].is_number_unsigned()) return std::nullopt;
  const auto offset = place[0].get<std::uint64_t>();
  const auto size = place[1].get<std::uint64_t>();
  constexpr std::uint64_t kMost = std::uint64_t{1} << 48;
  if (offset > kMost || size > kMost) return std::nullopt;
  return Stored{.offset = offset, .size = size};
}

Snapshot read_snapshot(const Json& table) {
  Snapshot snapshot;
  if (!table.is_object()) return snapshot;
  for (const auto& [path, stores] : table.items()) {
    if (!stores.is_object()) continue;
    for (const auto& [kind, place] : stores.items()) {
      auto file = stored(place);
      if (!file) continue;
      ++snapshot.rows;
      snapshot.payload = std::max(snapshot.payload, file->offset + file->size);
      // 0 is V8's bytecode, 2 and 3 what a folder and stat() say.
      if (kind != "1") continue;
      file->name = path.substr(path.find_last_of("/\\") + 1);
      snapshot.files.push_back(std::move(*file));
    }
  }
  return snapshot;
}

}  // namespace

bool unpack_nexe(const Wrapped& block, std::size_t sentinel, Parts& parts) {
  Reader reader(block.bytes);
  if (!reader.seek(sentinel + kNexeSentinel.size())) return false;
  const auto content = byte_count(reader);
  const auto resources = byte_count(reader);
  if (!content || !resources || *content == 0) return false;
  if (*resources > sentinel || *content > sentinel - *resources) {
    if (*resources + *content > block.offset + sentinel) return false;
    parts.limit("nexe: its script is not within one block");
    return true;
  }
  const std::size_t begin = sentinel - static_cast<std::size_t>(*resources + *content);
  const ByteView script = block.bytes.subspan(begin, static_cast<std::size_t>(*content));
  parts.add("nexe", block.offset + begin, block.offset + begin + script.size(), as_text(script));
  return true;
}

namespace {

// Neither text nor gzip, which is found by its magic: pkg packs with brotli too, which has none.
bool may_be_brotli(std::string_view bytes) {
  constexpr std::size_t kTold = 4096;  // bytes that tell a text
  return !bytes.empty() && !bytes.starts_with("\x1f\x8b") &&
         !decoders::is_text(bytes.substr(0, kTold));
}

bool is_script(const Stored& file) {
  return file.name.ends_with("js") || file.name.ends_with(".json");
}

// Shows the files of a snapshot whose content begins at `payload`.
void add_snapshot(const Wrapped& block, const Snapshot& snapshot, std::size_t payload,
                  Parts& parts) {
  std::size_t scripts = 0, others = 0, packed = 0;
  for (const Stored& file : snapshot.files) {
    const std::size_t place = payload + static_cast<std::size_t>(file.offset);
    const ByteView bytes = block.bytes.subspan(place, static_cast<std::size_t>(file.size));
    const bool tried = may_be_brotli(as_text(bytes));
    const auto made = tried ? inflate_brotli(bytes, parts.room()) : std::nullopt;
    if (made) {
      ++packed;
    } else if (tried) {
      ++(is_script(file) ? scripts : others);
    }
    if (!parts.add(part_name("pkg", file.name), block.offset + place,
                   block.offset + place + bytes.size(), made ? made->bytes : as_text(bytes),
                   made && !made->whole)) {
      break;
    }
  }
  // Where one file is packed all are, and their names are numbers.
  const std::size_t unread = scripts + (packed != 0 ? others : 0);
  if (unread != 0) {
    parts.limit("pkg: scripts are packed in a way that is not known: " + std::to_string(unread));
  }
}

}  // namespace

bool unpack_pkg(const Wrapped& block, std::size_t prelude, Parts& parts) {
  constexpr std::string_view kFunction = "(function";
  constexpr std::size_t kBefore = 200;  // where the function's name and first parameters are
  constexpr JsonLimits kTable{.bytes = std::size_t{8} << 20, .depth = 8};
  constexpr int kMostTries = 16;
  const std::string_view text = as_text(block.bytes);
  const std::size_t from = prelude - std::min(prelude, kBefore);
  const std::string_view front = text.substr(from, prelude - from);
  const std::size_t function = front.rfind(kFunction);
  if (function == std::string_view::npos) return false;
  const std::size_t begin = from + function;
  // The table is the first argument, in a line of its own, that is an object of objects.
  std::size_t at = prelude;
  for (int tries = 0; tries < kMostTries; ++tries) {
    at = text.find("\n{\"", at);
    if (at == std::string_view::npos) return false;
    ++at;
    const std::string_view object = json_object(text, at, kTable.bytes);
    const auto table = parse_json(as_bytes(object), kTable);
    const Snapshot snapshot = table ? read_snapshot(*table) : Snapshot{};
    if (snapshot.rows == 0) continue;
    if (snapshot.payload > begin) {
      parts.limit("pkg: its files are not within one block");
      return true;
    }
    // The payload ends where the prelude begins.
    const std::size_t payload = begin - static_cast<std::size_t>(snapshot.payload);
    add_snapshot(block, snapshot, payload, parts);
    return true;
  }
  return false;
}

bool unpack_bun(const Wrapped& block, std::size_t trailer, Parts& parts) {
  // The count of bytes begins a struct that has grown with Bun's versions.
  for (const std::size_t fields : {32U, 24U, 40U, 48U}) {
    if (trailer < fields) continue;
    Reader reader(block.bytes);
    reader.seek(trailer - fields);
    const auto count = reader.little<std::uint64_t>();
    if (!count || *count == 0 || *count > trailer - fields) continue;
    const std::size_t end = trailer - fields;
    const std::size_t begin = end - static_cast<std::size_t>(*count);
    add_texts(block, begin, end, kShortestText, "bun", parts);
    return true;
  }
  return false;
}

bool unpack_deno(const Wrapped& block, std::optional<std::size_t> before, std::size_t mark,
                 Parts& parts) {
  // Until 2.0 two positions in the file follow: of the modules, of the metadata.
  Reader reader(block.bytes);
  reader.seek(mark + kDenoMark.size());
  const auto modules = reader.big<std::uint64_t>();
  if (modules && *modules >= block.offset && *modules < block.offset + mark) {
    add_texts(block, static_cast<std::size_t>(*modules - block.offset), mark, kShortestText, "deno",
              parts);
    return true;
  }
  if (!before || *before >= mark) return false;
  add_texts(block, *before, mark, kShortestText, "deno", parts);
  return true;
}

}  // namespace minescan::inspect::wrappers
