#include "report/markdown_encode.h"

#include <algorithm>

#include "base/printable.h"

namespace minescan::report {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// Text that is printable already, in a code span.
std::string fenced(const std::string& text) {
  if (text.empty()) return "`\"\"`";
  const std::string fence(longest_run(text, '`') + 1, '`');
  // One space at each end is taken off when both are there and not all is spaces.
  const bool blank = text.find_first_not_of(' ') == std::string::npos;
  const bool padded = text.front() == '`' || text.back() == '`' ||
                      (!blank && text.front() == ' ' && text.back() == ' ');
  return padded ? fence + " " + text + " " + fence : fence + text + fence;
}

// Could be the name of a commit.
bool like_commit(std::string_view word) {
  return word.size() >= 7 && std::all_of(word.begin(), word.end(), is_hex);
}

// Words with only letters and marks inside, or only digits and points: nothing that is joined by a
// mark makes a link, a mention, a reference ("GH-1", "a/b#2") or emphasis.
bool is_plain(std::string_view word) {
  static constexpr std::string_view kBefore = "(\"'", kAfter = ".,;:!?)\"'";
  while (!word.empty() && kBefore.find(word.front()) != std::string_view::npos) {
    word.remove_prefix(1);
  }
  while (!word.empty() && kAfter.find(word.back()) != std::string_view::npos) {
    word.remove_suffix(1);
  }
  if (word.empty()) return false;
  const bool number = std::all_of(word.begin(), word.end(),
                                  [](char c) { return is_digit(c) || c == '.' || c == ','; });
  if (number) return word.size() < 7;
  if (like_commit(word)) return false;
  if (!is_letter(word.front()) || word.starts_with("www")) return false;
  return std::all_of(word.begin(), word.end(), [](char c) {
    return is_letter(c) || c == '\'' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
  });
}

// "install-time": letters, each part a plain word.
bool is_hyphenated(std::string_view word) {
  while (true) {
    const std::size_t hyphen = word.find('-');
    if (!is_plain(word.substr(0, hyphen)) || is_digit(word.front())) return false;
    if (hyphen == std::string_view::npos) return true;
    word.remove_prefix(hyphen + 1);
    if (word.empty()) return false;
  }
}

}  // namespace

std::string markdown_code(std::string_view text, std::size_t limit) {
  return fenced(printable(text, limit));
}

std::string markdown_cell(std::string_view text, std::size_t limit) {
  std::string line = printable(text, limit);
  for (std::size_t at = line.find('|'); at != std::string::npos; at = line.find('|', at + 4)) {
    line.replace(at, 1, "\\x7c");
  }
  return fenced(line);
}

std::string markdown_prose(std::string_view text, std::size_t limit) {
  const std::string line = printable(text, limit);
  std::string out;
  std::string code;  // words in a row that are no plain ones share a span
  const auto flush = [&] {
    if (code.empty()) return;
    out += (out.empty() ? "" : " ") + fenced(code);
    code.clear();
  };
  for (std::string_view rest = line; !rest.empty();) {
    const std::size_t space = rest.find(' ');
    const std::string_view word = rest.substr(0, space);
    rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    if (word.empty()) continue;
    if (is_plain(word) || is_hyphenated(word)) {
      flush();
      out += (out.empty() ? "" : " ") + std::string(word);
    } else {
      code += (code.empty() ? "" : " ") + std::string(word);
    }
  }
  flush();
  return out;
}

}  // namespace minescan::report
