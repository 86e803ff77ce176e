#pragma once
// JSON, YAML and TOML as one tree that knows its lines, so that a lockfile's parser knows no
// syntax. Strict and bounded, because the text is hostile: nested deeper than kDeepest or larger
// than kMostNodes, a repeated key (two readers would see two documents), an alias or a tag of YAML
// are errors.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace minescan::lockfiles {

inline constexpr std::size_t kDeepest = 200;  // levels; honest lockfiles nest about ten
// A node takes about 100 bytes; honest lockfiles have one in 20 to 40 bytes of text.
inline constexpr std::size_t kMostNodes = 4'000'000;

struct Node {
  enum class Kind : std::uint8_t { null, boolean, number, text, list, map };
  Kind kind = Kind::null;
  std::uint32_t line = 0;   // 1-based, where it begins: of a map's member its key
  std::string key;          // of a map's member
  std::string text;         // of a text; of booleans "true" or "false", of numbers the number
  std::vector<Node> items;  // of lists and maps, in the file's order

  // The member of that name, or nullptr; nullptr too when this is no map.
  [[nodiscard]] const Node* find(std::string_view name) const;
  // The text of a member that is a text, else "".
  [[nodiscard]] std::string_view text_of(std::string_view name) const;
  // Whether a member is the boolean true.
  [[nodiscard]] bool is_true(std::string_view name) const;
  // The items of a member that is a list or a map, else none.
  [[nodiscard]] const std::vector<Node>& items_of(std::string_view name) const;
  [[nodiscard]] bool is_map() const { return kind == Kind::map; }
  [[nodiscard]] bool is_text() const { return kind == Kind::text; }
};

// The whole text as one document.  Errors begin with path and line.
Result<Node> parse_json(const std::string& path, std::string_view text);
// JSON with comments and with commas after the last item.
Result<Node> parse_jsonc(const std::string& path, std::string_view text);
Result<Node> parse_toml(const std::string& path, std::string_view text);
// YAML may hold several documents.  Numbers and dates stay texts.
Result<std::vector<Node>> parse_yaml(const std::string& path, std::string_view text);

// An error about a line of a lockfile: "path:12: what".
tl::unexpected<Error> fail_at(Code code, const std::string& path, std::size_t line,
                              const std::string& what);

}  // namespace minescan::lockfiles
