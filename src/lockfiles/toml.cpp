// TOML into a tree.  toml++ bounds the nesting of values but neither dotted keys nor the number of
// values, and frees its tables by recursion; what could hurt is refused before it reads.  Tested by
// document_test.cpp.

// toml++ takes for granted what a hostile text breaks, as "[" at the end of a line does: an abort
// in a debug build, whatever the compiler makes of it in others.  Without it comes the proper
// error.
#include <toml++/impl/preprocessor.h>
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expr) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>

#include "base/printable.h"
#include "lockfiles/tree_builder.h"

namespace minescan::lockfiles {
namespace {

constexpr std::size_t kDeepestValue = 24;  // brackets in brackets
constexpr std::size_t kLongestKey = 16;    // dots in one key

// Passes the string that begins at `at`, and its line ends; the end of the text when it is open.
std::size_t after_string(std::string_view text, std::size_t at, std::uint32_t& line) {
  const char quote = text[at];
  const bool is_long = text.substr(at, 3) == std::string(3, quote);
  const std::string close(is_long ? 3 : 1, quote);
  at += close.size();
  while (at < text.size()) {
    if (text.substr(at, close.size()) == close) {
      at += close.size();
      // A long string may end in one or two quotes of its own.
      for (int i = 0; is_long && i < 2 && at < text.size() && text[at] == quote; ++i) ++at;
      return at;
    }
    if (text[at] == '\n') {
      if (!is_long) return at;
      ++line;
    }
    const bool escapes = quote == '"' && text[at] == '\\' && text.substr(at + 1, 1) != "\n";
    at += escapes ? 2 : 1;
  }
  return text.size();
}

Result<void> check_shape(const std::string& path, std::string_view text) {
  std::size_t depth = 0;
  std::size_t dots = 0;
  std::size_t values = 0;
  std::uint32_t line = 1;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = after_string(text, at, line);
      continue;
    }
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    ++at;
    if (c == '\n') ++line;
    if (c == '.') ++dots;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (c == ',' || c == '=' || c == '[' || c == '{' || c == '\n') {
      dots = 0;
      if (c != '\n') ++values;
    }
    if (c == '.') ++values;
    if (dots > kLongestKey || depth > kDeepestValue) {
      return fail_at(Code::limit_depth, path, line, "nested deeper than any lockfile");
    }
    if (values > kMostNodes) {
      return fail_at(Code::limit_entries, path, line,
                     "more than " + std::to_string(kMostNodes) + " values");
    }
  }
  return {};
}

std::uint32_t line_of(const toml::source_region& source) {
  return static_cast<std::uint32_t>(source.begin.line);
}

class Converter {
 public:
  TreeBuilder tree;

  bool add(const toml::node& node) {
    const std::uint32_t line = line_of(node.source());
    if (const auto* table = node.as_table()) return add_table(*table, line);
    if (const auto* array = node.as_array()) {
      if (!tree.open(Node::Kind::list, line)) return false;
      for (const toml::node& item : *array) {
        if (!add(item)) return false;
      }
      return tree.close();
    }
    if (const auto* text = node.as_string()) {
      return tree.scalar(Node::Kind::text, line, text->get());
    }
    if (const auto* flag = node.as_boolean()) {
      return tree.scalar(Node::Kind::boolean, line, flag->get() ? "true" : "false");
    }
    if (const auto* number = node.as_integer()) {
      return tree.scalar(Node::Kind::number, line, std::to_string(number->get()));
    }
    return tree.scalar(Node::Kind::null, line, "");  // dates and fractions say nothing here
  }

 private:
  bool add_table(const toml::table& table, std::uint32_t line) {
    if (!tree.open(Node::Kind::map, line)) return false;
    // toml++ keeps members by name; the file's order is that of their lines.
    struct Member {
      toml::source_position at;
      std::string_view key;
      const toml::node* value;
    };
    std::vector<Member> members;
    for (const auto& [key, value] : table) {
      members.push_back({key.source().begin, key.str(), &value});
    }
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
      return a.at != b.at ? a.at < b.at : a.key < b.key;
    });
    for (const Member& member : members) {
      const auto key_line = static_cast<std::uint32_t>(member.at.line);
      if (!tree.key(key_line, std::string(member.key)) || !add(*member.value)) return false;
    }
    return tree.close();
  }
};

}  // namespace

Result<Node> parse_toml(const std::string& path, std::string_view text) {
  MINESCAN_TRY(check_shape(path, text));
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return fail_at(Code::corrupt, path,
                   std::max<std::uint32_t>(line_of(parsed.error().source()), 1),
                   "not TOML: " + printable(parsed.error().description(), 128));
  }
  Converter converter;
  if (!converter.add(parsed.table())) {
    return fail_at(converter.tree.problem.code, path, converter.tree.problem_line,
                   converter.tree.problem.what);
  }
  return converter.tree.take();
}

}  // namespace minescan::lockfiles
