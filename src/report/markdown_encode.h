#pragma once
// Untrusted bytes in Markdown, as GitHub and GitLab render it in comments and summaries.
//
// What people or packages name things stands in code spans: nothing inside them is markup, HTML, a
// link, a mention or a reference to an issue or commit, and GitHub looks for the last three only
// outside of code.  Escaping each character would not do: mentions and references are looked for
// after escapes and entities are resolved.

#include <cstddef>
#include <string>
#include <string_view>

namespace minescan::report {

// One code span of printable text, cut to about `limit` bytes.  Its fence is longer than any run of
// backticks in it; "" becomes `""`.  For paragraphs and lists.
std::string markdown_code(std::string_view text, std::size_t limit = 400);

// The same for a cell of a table, where a pipe ends the cell even inside code: "|" becomes "\x7c".
std::string markdown_cell(std::string_view text, std::size_t limit = 400);

// Sentences of signatures: words that are plainly words stay text, everything else becomes code.
// Not for the start of a line, where a number or a dash is a list.
std::string markdown_prose(std::string_view text, std::size_t limit = 1000);

}  // namespace minescan::report
