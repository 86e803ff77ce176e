#include "lockfiles/document.h"

#include <doctest/doctest.h>

#include "lockfiles/tree_builder.h"

using namespace minescan;
using namespace minescan::lockfiles;

namespace {

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

template <class T>
std::string what(const Result<T>& result) {
  return result ? "" : result.error().what;
}

// The lines of the members of the root.
template <class T>
std::string lines(const T& root) {
  std::string all;
  for (const Node& member : root.items) all += member.key + ":" + std::to_string(member.line) + " ";
  return all;
}

}  // namespace

TEST_CASE("document: JSON's members have the line of their key") {
  const auto root = parse_json(
      "a",
      "{\n\"one\": {\"x\":\n1},\r\n\n  \"two\"\n:\n[1,\n{}],\"three\": \"\\n\",\n\"four\":1\n}");
  REQUIRE(root.has_value());
  CHECK(lines(*root) == "one:2 two:5 three:8 four:9 ");
  CHECK(root->find("two")->items.at(1).line == 8);
  CHECK(root->find("one")->find("x")->line == 2);
  CHECK(root->text_of("three") == "\n");
  CHECK(root->find("four")->text == "1");
  CHECK(root->find("five") == nullptr);
  CHECK(root->items_of("five").empty());
}

TEST_CASE("document: JSON that is broken, repeated or too deep is an error with its line") {
  CHECK(what(parse_json("a", "{\n\"b\": \n}")) == "a:3: not JSON");
  CHECK(what(parse_json("a", "")) == "a:1: not JSON");
  CHECK(what(parse_json("a", "{} x")) == "a:1: not JSON");
  CHECK(what(parse_json("a", "{\"a\": \"\xff\"}")) == "a:1: not JSON");
  CHECK(what(parse_json("a", "{\"b\": 1,\n\"\\u0062\": 2}")) ==
        "a:2: the key 'b' is repeated in one object");
  CHECK(parse_json("a", repeat("[", 200) + repeat("]", 200)).has_value());
  CHECK(what(parse_json("a", repeat("[", 201) + repeat("]", 201))) ==
        "a:1: nested deeper than 200 levels");
  CHECK(what(parse_json("a", repeat("[", 1'000'000))) == "a:1: nested deeper than 200 levels");
}

TEST_CASE("document: more values than the limit are an error") {
  TreeBuilder tree(3);
  CHECK(tree.open(Node::Kind::list, 1));
  for (int i = 0; i < 3; ++i) CHECK(tree.scalar(Node::Kind::number, 2, "1"));
  CHECK_FALSE(tree.scalar(Node::Kind::number, 7, "1"));
  CHECK(tree.problem.code == Code::limit_entries);
  CHECK(tree.problem.what == "more than 3 values");
  CHECK(tree.problem_line == 7);
}

TEST_CASE("document: JSONC has comments and last commas, JSON has not") {
  const std::string text =
      "// one\n{\n\"a\": [1, 2, /* \n } */ ], // \"\n\"b\": \"// no, ]\\\",\",\n}\n";
  const auto root = parse_jsonc("a", text);
  REQUIRE(root.has_value());
  CHECK(lines(*root) == "a:3 b:5 ");
  CHECK(root->find("a")->items.size() == 2);
  CHECK(root->text_of("b") == "// no, ]\",");
  CHECK_FALSE(parse_json("a", text).has_value());
  CHECK_FALSE(parse_jsonc("a", "[1,,]").has_value());
  CHECK_FALSE(parse_jsonc("a", "[] /* open").has_value());
}

TEST_CASE("document: YAML's members have the line of their key, and its numbers stay texts") {
  const auto documents = parse_yaml(
      "a", "# x\none: 5.4\ntwo:\n  - {a: true, b: 'true'}\n\n'three':\n\n? |\n  four\n: null\n");
  REQUIRE(documents.has_value());
  REQUIRE(documents->size() == 1);
  const Node& root = documents->front();
  CHECK(lines(root) == "one:2 two:3 three:6 four\n:8 ");
  CHECK(root.text_of("one") == "5.4");
  CHECK(root.find("two")->items.at(0).is_true("a"));
  CHECK_FALSE(root.find("two")->items.at(0).is_true("b"));
  CHECK(root.find("three")->kind == Node::Kind::null);
}

TEST_CASE("document: YAML may be several documents, and no document at all") {
  CHECK(parse_yaml("a", "---\na: b\n---\nc: d\n")->size() == 2);
  CHECK(parse_yaml("a", "")->empty());
  CHECK(parse_yaml("a", "# nothing\n")->empty());
}

TEST_CASE("document: YAML in which yaml-cpp finds documents without end is refused at once") {
  CHECK(what(parse_yaml("a", "{a: b},c\n")) == "a:1: more than 16 documents");
  CHECK(what(parse_yaml("a", repeat("---\na\n", 20))) == "a:1: more than 16 documents");
}

TEST_CASE("document: YAML's aliases, tags and depth are refused where they stand") {
  CHECK(what(parse_yaml("a", "a: &x [1]\nb: *x\n")) ==
        "a:2: a YAML alias stands here, which no package manager writes");
  CHECK(what(parse_yaml("a", "a: !!binary aGk=\n")).starts_with("a:1: the YAML tag 'tag:yaml.org"));
  CHECK(what(parse_yaml("a", "a: 1\na: 2\n")) == "a:2: the key 'a' is repeated in one object");
  CHECK(what(parse_yaml("a", "\n[a]: b\n")) == "a:2: a key is not a text");
  CHECK(what(parse_yaml("a", repeat("[", 1000) + repeat("]", 1000))) ==
        "a:1: nested deeper than 200 levels");
  CHECK_FALSE(parse_yaml("a", repeat("[", 100'000)).has_value());
  CHECK(what(parse_yaml("a", repeat("- ", 100'000))) == "a:1: nested deeper than 200 levels");
  CHECK_FALSE(parse_yaml("a", repeat("{a: ", 100'000)).has_value());
  CHECK(what(parse_yaml("a", "a: b\nc: [\n")).starts_with("a:3: not YAML: "));
}

TEST_CASE("document: TOML's members have the line of their key or header, in the file's order") {
  const auto root =
      parse_toml("a",
                 "z = 1\n[[package]]\nname = \"b\"\n\n[[package]]\nname = \"a\"\n"
                 "files = [\n  {file = \"x\"},\n  {file = \"y\"},\n]\n[m.n]\nk = true");
  REQUIRE(root.has_value());
  CHECK(lines(*root) == "z:1 package:2 m:11 ");
  const auto& packages = root->items_of("package");
  REQUIRE(packages.size() == 2);
  CHECK(packages.at(0).line == 2);
  CHECK(packages.at(0).text_of("name") == "b");
  CHECK(packages.at(1).line == 5);
  CHECK(packages.at(1).items_of("files").at(1).line == 9);
  CHECK(root->find("m")->find("n")->is_true("k"));
}

TEST_CASE("document: TOML that is broken or nested by brackets or dots is an error with its line") {
  CHECK(what(parse_toml("a", "a = 1\nb = \n")).starts_with("a:2: not TOML: "));
  CHECK(what(parse_toml("a", "a = 1\na = 2\n")).starts_with("a:2: not TOML: "));
  const std::string deep = "nested deeper than any lockfile";
  CHECK(what(parse_toml("a", "a = " + repeat("[", 100'000))) == "a:1: " + deep);
  CHECK(what(parse_toml("a", "\na" + repeat(".a", 100'000) + " = 1")) == "a:2: " + deep);
  CHECK(what(parse_toml("a", "[a" + repeat(".a", 100'000) + "]")) == "a:1: " + deep);
  CHECK(what(parse_toml("a", "a = {b = '''x\n''', c" + repeat(".\"c\"", 100'000) + " = 1}")) ==
        "a:2: " + deep);
  CHECK(
      parse_toml("a", "a = \"" + repeat(".", 1000) + "[[[[\" # " + repeat("[", 1000)).has_value());
}

TEST_CASE("document: TOML with a bracket at the end of a line is an error and no abort") {
  for (const char* text : {"[\n", "a = 1\n[", "[\r\n", "[ ", "[[\n", "[a.\n", "a = {\n", "[#"}) {
    CAPTURE(text);
    CHECK(what(parse_toml("a", text)).find("not TOML: ") != std::string::npos);
  }
}

TEST_CASE("document: a long string of TOML that ends in quotes of its own hides nothing") {
  const std::string hidden = repeat(".a", 100'000);
  CHECK(what(parse_toml("a", "a = {b = \"\"\"x\"\"\"\", c" + hidden + " = 1}"))
            .find("nested deeper") != std::string::npos);
  CHECK(what(parse_toml("a", "a = {b = '''x''''', c" + hidden + " = 1}")).find("nested deeper") !=
        std::string::npos);
}

TEST_CASE("yaml: a merge key and a carriage return alone are refused") {
  CHECK_FALSE(parse_yaml("a.yaml", "<<:\n  packages: {}\n"));
  CHECK_FALSE(parse_yaml("a.yaml", "# x\rpackages: {}\n"));
  CHECK(parse_yaml("a.yaml", "packages: {}\r\n"));
  CHECK_FALSE(parse_jsonc("a.lock", "{} // x\r"));
}
