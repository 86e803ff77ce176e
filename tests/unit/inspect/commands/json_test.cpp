#include "inspect/commands/json.h"

#include <doctest/doctest.h>

#include "inspect/commands.h"

namespace minescan::inspect {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const commands::JsonLine& line : commands::json_lines(text, 1)) lines.push_back(line.text);
  return lines;
}

std::vector<CommandLine> commands_of(std::string_view text, Syntax syntax = Syntax::json) {
  Variables variables;
  bool cut = false;
  return command_lines(text, 1, variables, cut, syntax);
}

std::string only(std::string_view text) {
  const auto commands = commands_of(text);
  REQUIRE(commands.size() == 1);
  return commands.front().text;
}

}  // namespace

TEST_CASE("json: members, lists of words, and texts of several lines stand on lines of their own") {
  CHECK(lines_of(R"({"a":"b","c":["x","y"],"d":{"e":1}})") ==
        std::vector<std::string>{R"("a":"b")", R"("c":["x", "y"])", R"("d":)", R"("e":1)"});
  CHECK(lines_of(R"({"source":["import os\n","P=\"x\"\n","run"]})") ==
        std::vector<std::string>{R"("source":)", "import os", "P=\"x\"", "\"run\"]"});
  CHECK(lines_of(R"(["./a -o x", "./b -o y"])") ==
        std::vector<std::string>{"./a -o x", "./b -o y", "]"});
  CHECK(lines_of(R"({"a": "\u006f\u0022", "b": "\\x"})") ==
        std::vector<std::string>{R"("a":'o"')", R"("b":"\x")"});
}

TEST_CASE("json: of a notebook only code runs, not prose and not what was printed") {
  const std::string mines = R"("!./a -o pool.example:3333 -u w -p x")";
  const auto cell = [&](std::string_view kind, const std::string& source) {
    return R"({"cell_type":")" + std::string(kind) + R"(","metadata":{},"source":[)" + source +
           "]}";
  };
  const auto notebook = [](const std::string& cells) { return R"({"cells":[)" + cells + "]}"; };
  const auto count = [](const std::string& text) {
    return commands_of(text, Syntax::notebook).size();
  };
  CHECK(count(notebook(cell("code", mines))) == 1);
  CHECK(count(notebook(cell("markdown", mines))) == 0);
  CHECK(count(notebook(cell("raw", mines))) == 0);
  CHECK(count(notebook(cell("markdown", mines) + "," + cell("code", mines))) == 1);
  CHECK(count(notebook(R"({"cell_type":"code","outputs":[{"text":[)" + mines +
                       R"(]}],"source":["1"]})")) == 0);
  CHECK(count(notebook(R"({"cell_type":"code","outputs":[{"text":["1"]}],"source":[)" + mines +
                       "]}")) == 1);
  // Who reads it takes the last of two.
  CHECK(count(notebook(R"({"cell_type":"markdown","source":[)" + mines +
                       R"(],"cell_type":"code"})")) == 1);
  CHECK(commands_of(notebook(cell("markdown", mines))).size() == 1);
}

TEST_CASE("json: lines are counted, comments left out, and what is no JSON ends") {
  const auto lines =
      commands::json_lines("{\n  // \"a\": 1,\n  \"b\": \"c\",\n\"d\": \"open\n}", 5);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].number == 7);
  CHECK(lines[0].text == R"("b":"c")");
  CHECK(lines[1].number == 8);
  for (const std::string_view unit : {"[", "]", "{\"", "\"\\", "\\u00", "\"a\",", "[\"a\","}) {
    std::string text;
    while (text.size() < 1'000'000) text += unit;
    std::size_t made = 0;
    for (const std::string& line : lines_of(text)) made += line.size();
    CHECK(made <= 2 * text.size());
  }
}

TEST_CASE("json: a command in a notebook or package that is one line") {
  CHECK(only(R"({"cells":[{"source":["# -o a -u b\n","P=\"p.example:3333\"\n"]},{"source":)"
             R"(["!./a -o $P -u w"]}]})") == "!./a -o p.example:3333 -u w");
  CHECK(only(R"({"test":"jest -c x","build":"tsc -o dist","install":"./a -o p.example:1 -u w"})") ==
        "install ./a -o p.example:1 -u w");
  CHECK(only(R"x({"a":{"command":["/a","-o","$(P)","-u","w"],"env":[{"name":"P","value":)x"
             R"x("p.example:1"}]},"b":{"command":["psql","-c","x"]}})x") ==
        "command : /a -o p.example:1 -u w");
  CHECK(only(R"({"run":"./a -\u006f p.example:1 -\u0075 w"})") == "run ./a -o p.example:1 -u w");
}

TEST_CASE("json: words of different members are no command") {
  CHECK(commands_of(R"({"lint":"eslint -o p.example:3333","run":"docker -u w"})").empty());
  CHECK(commands_of(R"({"a":"the option -o","b":"p.example:3333","c":"-u"})").empty());
}

TEST_CASE("json: a long line is read to its end") {
  std::string text = "{\"x\":[";
  while (text.size() < (std::size_t{3} << 20)) text += R"({"a":"bcd","e":[1,2,3]},)";
  text += R"({"run":"./a -o p.example:3333 -u w"}]})";
  struct Shown final : ViewSink {
    std::vector<std::string> commands;
    void on_limit(const std::string& /*what*/) override {}
    void on_view(ViewKind, const Step&, const Window& window, std::uint64_t) override {
      commands.emplace_back(as_text(window.bytes));
    }
  };
  for (const std::size_t step : {std::size_t{100'000}, text.size()}) {
    Commands commands(FileType{.view = ViewKind::config, .name = "JSON"});
    Shown sink;
    for (std::size_t at = 0; at < text.size(); at += step) {
      const std::string_view part = std::string_view(text).substr(at, step);
      commands.window({.bytes = as_bytes(part), .from = 0, .to = part.size()}, sink);
    }
    commands.finish(sink);
    CHECK(sink.commands == std::vector<std::string>{"run ./a -o p.example:3333 -u w"});
  }
}

}  // namespace minescan::inspect
