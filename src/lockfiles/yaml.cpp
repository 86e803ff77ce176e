// YAML into a tree, by yaml-cpp's events: so aliases, which multiply what a small file says, are
// refused where they stand, and nesting before it is followed.  Tested by document_test.cpp.

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <istream>
#include <streambuf>

#include "base/printable.h"
#include "lockfiles/text.h"
#include "lockfiles/tree_builder.h"

namespace minescan::lockfiles {
namespace {

// pnpm writes up to two.  yaml-cpp finds empty ones without end where a text is broken.
constexpr std::size_t kMostDocuments = 16;

// Leaves yaml-cpp from inside of an event; caught below, where yaml-cpp's own exceptions are.
struct Refused {};

class Events final : public YAML::EventHandler {
 public:
  TreeBuilder tree;
  std::vector<Node> documents;

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {
    if (tree.complete()) documents.push_back(tree.take());
    if (documents.size() > kMostDocuments) {
      tree.problem = {Code::corrupt, "more than " + std::to_string(kMostDocuments) + " documents"};
      throw Refused{};
    }
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    if (tree.wants_key()) refuse(mark, "a key is empty");
    check(tree.scalar(Node::Kind::null, line(mark), ""));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(mark, "a YAML alias stands here, which no package manager writes");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    const bool plain = tag == "?";
    if (!plain && !tag.empty() && tag != "!") refuse_tag(mark, tag);
    if (tree.wants_key()) {
      // Some readers put other keys in its place, and some do not.
      if (value == "<<") refuse(mark, "a merge key stands here, which no package manager writes");
      check(tree.key(line(mark), value));
    } else if (plain && (value == "true" || value == "false")) {
      check(tree.scalar(Node::Kind::boolean, line(mark), value));
    } else if (plain && (value == "null" || value == "~")) {
      check(tree.scalar(Node::Kind::null, line(mark), ""));
    } else {
      check(tree.scalar(Node::Kind::text, line(mark), value));
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::list, mark, tag);
  }
  void OnSequenceEnd() override { check(tree.close()); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::map, mark, tag);
  }
  void OnMapEnd() override { check(tree.close()); }

 private:
  static std::uint32_t line(const YAML::Mark& mark) {
    return static_cast<std::uint32_t>(mark.line) + 1;
  }
  static void check(bool ok) {
    if (!ok) throw Refused{};
  }
  [[noreturn]] void refuse(const YAML::Mark& mark, std::string what) {
    tree.problem = {Code::corrupt, std::move(what)};
    tree.problem_line = line(mark);
    throw Refused{};
  }
  [[noreturn]] void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    refuse(mark, "the YAML tag '" + printable(tag, 64) +
                     "' stands here, which no package manager "
                     "writes");
  }
  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") refuse_tag(mark, tag);
    if (tree.wants_key()) refuse(mark, "a key is not a text");
    check(tree.open(kind, line(mark)));
  }
};

// Lets yaml-cpp read the text where it lies.
class TextBuffer final : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only read
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

Result<std::vector<Node>> parse_yaml(const std::string& path, std::string_view text) {
  if (const auto at = lone_return(text)) {
    return fail_at(Code::corrupt, path, line_at(text, *at),
                   "a carriage return without a line feed, which readers take differently");
  }
  Events events;
  try {
    TextBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const Refused&) {
    return fail_at(events.tree.problem.code, path, events.tree.problem_line,
                   events.tree.problem.what);
  } catch (const YAML::Exception& e) {
    return fail_at(Code::corrupt, path,
                   e.mark.is_null() ? 1 : static_cast<std::size_t>(e.mark.line) + 1,
                   "not YAML: " + printable(e.msg, 128));
  }
  return std::move(events.documents);
}

}  // namespace minescan::lockfiles
