#pragma once
// JSON as its reader would see it, so that a command in it stands on a line of its own however the
// text is laid out: minified package.json, compose files, notebooks.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::inspect::commands {

struct JsonLine {
  std::string text;
  std::uint32_t number = 0;  // of the line where it begins
};

// Each member of an object is a line, a list of words is one, a string of several lines is those
// lines and an item of a list that is a whole command is one too.  Strings are unescaped; nothing
// says of its end that the line goes on.  What is no JSON is taken as it comes: the function is
// total, linear, and makes little more bytes than the text has.  `notebook`: without what stands in
// cells of prose and in what cells printed.
std::vector<JsonLine> json_lines(std::string_view text, std::uint32_t first_line,
                                 bool notebook = false);

}  // namespace minescan::inspect::commands
