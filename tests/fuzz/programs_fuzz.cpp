// Programs of every format, also only the first part of them: nothing is read outside of the bytes,
// bounds hold, and what a program says of itself does not depend on how often it is asked.  The
// first byte picks how much is there.

#include <string>

#include "fuzz/expect.h"
#include "inspect/packers/packed.h"
#include "inspect/programs/program.h"

namespace {

using namespace minescan;
using namespace minescan::inspect::programs;
using fuzz::expect;

// Every borrowed name is looked at, so that a sanitizer sees it.
std::size_t weight(const Program& program) {
  std::size_t sum = 0;
  const auto add = [&](std::string_view text) {
    for (const char c : text) sum += static_cast<unsigned char>(c);
    expect(text.size() <= kLongestName, "names are bounded");
  };
  for (const Segment& segment : program.segments) add(segment.name);
  for (const Section& section : program.sections) add(section.name);
  for (const Symbol& symbol : program.symbols) add(symbol.name);
  for (const Import& import : program.imports) {
    add(import.library);
    add(import.name);
  }
  for (const std::string_view name : program.exports) add(name);
  for (const std::string_view name : program.libraries) add(name);
  for (const Note& note : program.notes) sum += note.body.size() + note.owner.size();
  if (program.go) {
    for (const std::string_view name : program.go->functions) add(name);
    for (const std::string_view name : program.go->settings) add(name);
  }
  if (program.net) {
    for (const std::string_view name : program.net->names) add(name);
  }
  add(program.interpreter);
  add(program.debug_file);
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ByteView file = as_bytes(text);
  const auto program = parse_program(file);
  if (program) {
    expect(program->problems.size() <= kMostProblems, "problems are bounded");
    expect(program->symbols.size() <= kMostSymbols, "symbols are bounded");
    expect(program->natural_length <= file.size(), "a program ends where its file does");
    const std::size_t once = weight(*program);
    const auto again = parse_program(file);
    expect(again && weight(*again) == once, "parsing is a function of the bytes");
    inspect::packers::packed(*program, file);
  }
  const std::size_t part = file.size() * data[0] / 255;
  if (const auto first = parse_program(file.first(part), file.size())) {
    weight(*first);
    expect(first->natural_length <= file.size(), "a program ends where its file does");
  }
  expect(natural_length(file.first(part), file.size()) <= file.size(),
         "a program ends where its file does");
  return 0;
}
