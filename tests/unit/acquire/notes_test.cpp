#include "acquire/notes.h"

#include <doctest/doctest.h>

using minescan::acquire::kNotesLimit;
using minescan::acquire::Notes;

TEST_CASE("notes: each once, sorted, and the rest is counted") {
  Notes notes;
  notes.add("b");
  notes.add("a");
  notes.add("b");
  CHECK(notes.all() == std::vector<std::string>{"a", "b"});
  for (std::size_t i = 0; i < kNotesLimit; ++i) notes.add("c" + std::to_string(i));
  const auto all = notes.all();
  REQUIRE(all.size() == kNotesLimit + 1);
  CHECK(all.back() == "and 2 further notes");
}
