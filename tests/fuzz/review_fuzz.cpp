// What a file says about what will run: bounded, one line each, whatever the file.  The first line
// is its path; what follows is its text, or two texts with a line "====" between them.

#include <algorithm>
#include <string>

#include "base/digest.h"
#include "fuzz/expect.h"
#include "review/apart.h"
#include "review/changes.h"
#include "review/facts.h"
#include "support/task_here.h"

namespace {

using namespace minescan;
using namespace minescan::review;
using fuzz::expect;

bool one_line(std::string_view text) {
  return text.find_first_of("\r\n") == std::string_view::npos;
}

void check_facts(std::string_view path, std::string_view text) {
  // A carriage return alone ends a line too.
  const auto ends =
      std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
  const auto lines = static_cast<std::size_t>(ends) + 1;
  const std::vector<Fact> facts = facts_of(path, text);
  expect(facts.size() <= kMostFacts, "facts are bounded");
  expect(facts.empty() || has_facts(path), "only files that have facts are asked");
  for (const Fact& fact : facts) {
    expect(!fact.key.empty() && one_line(fact.key), "a key is one line");
    expect(one_line(fact.value), "a value is one line");
    expect(fact.line >= 1 && fact.line <= lines, "a fact lies in its text");
  }
}

void check_changes(const SeenFiles& before, const SeenFiles& after) {
  test::TaskHere runner(facts_task);
  const Changed changed = compare_files(before, after, runner);
  expect(changed.unread.empty(), "what one process says another one believes");
  for (const Line& line : changed.lines) {
    expect(!line.text.empty() && one_line(line.text), "a change is one line");
  }
}

SeenFiles seen(const std::string& path, std::string_view text) {
  SeenFile file;
  file.type = "text";
  file.digest = sha256(as_bytes(text));
  file.text = std::string(text.substr(0, kMostText));
  return {{path, file}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string path(input.substr(0, end));
  const std::string_view texts = input.substr(end + 1);
  const auto middle = texts.find("\n====\n");
  const std::string_view before = texts.substr(0, middle);
  const std::string_view after =
      middle == std::string_view::npos ? std::string_view() : texts.substr(middle + 6);
  check_facts(path, before);
  check_facts(path, after);
  check_changes(seen(path, before), seen(path, after));
  check_changes({}, seen(path, before));
  return 0;
}
