#pragma once
// What the reading of command lines asks of characters and lines.

#include <cctype>
#include <string_view>

namespace minescan::inspect::commands {

inline bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// A comment in one of the languages that commands stand in: only what no shell or cron would run.
// "//tmp/x" is a program and "* * * * *" a time.
inline bool is_comment(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with("#")) return !line.starts_with("#!");
  if (line.starts_with("//")) return line.size() == 2 || is_blank(line[2]);
  if (line.starts_with("* ")) return line.size() == 2 || (line[2] != '*' && !is_digit(line[2]));
  return line.starts_with("/* ") || line.starts_with("/**") || line.starts_with("REM ") ||
         line.starts_with("rem ") || line.starts_with("::") || line.starts_with("<!--");
}

}  // namespace minescan::inspect::commands
