#pragma once
// A program together with the bytes that its names are borrowed from.

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "inspect/programs/program.h"

namespace minescan::test {

struct ParsedProgram : inspect::programs::Program {
  std::unique_ptr<const std::string> file;
};

inline bool has_problem(const inspect::programs::Program& program, std::string_view part) {
  return std::any_of(
      program.problems.begin(), program.problems.end(),
      [&](const std::string& problem) { return problem.find(part) != std::string::npos; });
}

inline ParsedProgram parsed(std::string_view bytes, std::uint64_t file_size) {
  ParsedProgram result;
  result.file = std::make_unique<const std::string>(bytes);
  auto program = inspect::programs::parse_program(as_bytes(*result.file), file_size);
  REQUIRE(program.has_value());
  static_cast<inspect::programs::Program&>(result) = std::move(*program);
  return result;
}
inline ParsedProgram parsed(std::string_view bytes) { return parsed(bytes, bytes.size()); }

}  // namespace minescan::test
