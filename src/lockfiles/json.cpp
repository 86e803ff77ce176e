// JSON and JSONC into a tree, by nlohmann's events.  It reads one byte at a time and never more
// than a value's end needs, so the lines that its iterator has passed are the line of a key or of
// an opening bracket.  Tested by document_test.cpp.

#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>

#include "lockfiles/text.h"
#include "lockfiles/tree_builder.h"

namespace minescan::lockfiles {
namespace {

using Json = nlohmann::json;

// Walks over the text and counts the lines that it has passed, also for its copies.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::uint32_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::uint32_t* line_;
};

class Events {
 public:
  explicit Events(const std::uint32_t& line) : line_(line) {}

  bool null() { return tree.scalar(Node::Kind::null, line_, ""); }
  bool boolean(bool value) {
    return tree.scalar(Node::Kind::boolean, line_, value ? "true" : "false");
  }
  bool number_integer(Json::number_integer_t value) {
    return tree.scalar(Node::Kind::number, line_, std::to_string(value));
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    return tree.scalar(Node::Kind::number, line_, std::to_string(value));
  }
  bool number_float(Json::number_float_t /*value*/, const std::string& text) {
    return tree.scalar(Node::Kind::number, line_, text);
  }
  bool string(std::string& value) { return tree.scalar(Node::Kind::text, line_, std::move(value)); }
  bool binary(Json::binary_t& /*value*/) { return false; }
  bool start_object(std::size_t /*n*/) { return tree.open(Node::Kind::map, line_); }
  bool key(std::string& value) { return tree.key(line_, std::move(value)); }
  bool end_object() { return tree.close(); }
  bool start_array(std::size_t /*n*/) { return tree.open(Node::Kind::list, line_); }
  bool end_array() { return tree.close(); }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*e*/) {
    tree.problem = {Code::corrupt, "not JSON"};
    tree.problem_line = line_;
    return false;
  }

  TreeBuilder tree;

 private:
  const std::uint32_t& line_;
};

// The text with comments and superfluous commas as blanks: lines stay where they are.
std::string plain_json(std::string_view text) {
  std::string out(text);
  std::size_t comma = std::string::npos;  // the last comma with only blanks behind it
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = out[i];
    if (c == '"') {
      for (++i; i < out.size() && out[i] != '"' && out[i] != '\n'; ++i) {
        if (out[i] == '\\') ++i;
      }
      comma = std::string::npos;
    } else if (c == '/' && i + 1 < out.size() && out[i + 1] == '/') {
      for (; i < out.size() && out[i] != '\n'; ++i) out[i] = ' ';
    } else if (c == '/' && i + 1 < out.size() && out[i + 1] == '*') {
      const std::size_t close = out.find("*/", i + 2);
      if (close == std::string::npos) break;  // left to be refused
      for (; i < close + 2; ++i) {
        if (out[i] != '\n') out[i] = ' ';
      }
      --i;
    } else if (c == ',') {
      comma = i;
    } else if (c == '}' || c == ']') {
      if (comma != std::string::npos) out[comma] = ' ';
      comma = std::string::npos;
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      comma = std::string::npos;
    }
  }
  return out;
}

}  // namespace

Result<Node> parse_json(const std::string& path, std::string_view text) {
  std::uint32_t line = 1;
  Events events(line);
  const bool ok = Json::sax_parse(CountingIterator(text.data(), &line),
                                  CountingIterator(text.data() + text.size(), &line), &events);
  if (!ok) {
    return fail_at(events.tree.problem.code, path, events.tree.problem_line,
                   events.tree.problem.what);
  }
  return events.tree.take();
}

Result<Node> parse_jsonc(const std::string& path, std::string_view text) {
  if (const auto at = lone_return(text)) {
    return fail_at(Code::corrupt, path, line_at(text, *at),
                   "a carriage return without a line feed, which readers take differently");
  }
  return parse_json(path, plain_json(text));
}

}  // namespace minescan::lockfiles
