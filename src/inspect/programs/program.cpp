#include "inspect/programs/program.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "inspect/programs/elf.h"
#include "inspect/programs/go_info.h"
#include "inspect/programs/java.h"
#include "inspect/programs/macho.h"
#include "inspect/programs/pe.h"
#include "inspect/programs/wasm.h"

namespace minescan::inspect::programs {

std::optional<Program> parse_program(ByteView file, std::uint64_t file_size) {
  auto program = parse_elf(file, file_size);
  if (!program) program = parse_pe(file, file_size);
  if (!program) program = parse_macho(file, file_size);
  if (!program) program = parse_wasm(file, file_size);
  if (!program) program = parse_java(file);
  if (program) program->go = read_go_info(*program, file);
  return program;
}

std::uint64_t natural_length(ByteView head, std::uint64_t file_size) {
  return std::max({elf_length(head, file_size), pe_length(head, file_size),
                   macho_length(head, file_size), wasm_length(head, file_size)});
}

ByteView content(ByteView file, std::uint64_t offset, std::uint64_t size) {
  if (offset >= file.size()) return {};
  return file.subspan(
      static_cast<std::size_t>(offset),
      static_cast<std::size_t>(std::min<std::uint64_t>(size, file.size() - offset)));
}

const Section* find_section(const Program& program, std::string_view name) {
  for (const Section& section : program.sections) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

std::string_view text_at(ByteView table, std::uint64_t offset) {
  const std::string_view text = as_text(content(table, offset, kLongestName));
  return text.substr(0, text.find('\0'));
}

double entropy(ByteView bytes) {
  if (bytes.empty()) return 0;
  std::array<std::size_t, 256> counts{};
  for (const std::byte byte : bytes) ++counts[std::to_integer<std::size_t>(byte)];
  double bits = 0;
  const auto all = static_cast<double>(bytes.size());
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / all;
    bits -= share * std::log2(share);
  }
  return bits;
}

void add_problem(std::vector<std::string>& problems, std::string sentence) {
  if (problems.size() >= kMostProblems) return;
  if (std::find(problems.begin(), problems.end(), sentence) != problems.end()) return;
  problems.push_back(std::move(sentence));
}

}  // namespace minescan::inspect::programs
