#include "inspect/gpu/zebin.h"

#include "inspect/gpu/spirv.h"
#include "inspect/programs/elf.h"

namespace minescan::inspect::gpu {
namespace {

constexpr std::uint32_t kIntelGpu = 205;      // e_machine
constexpr std::uint32_t kFirstType = 0xff11;  // e_type: object, executable, dynamic
constexpr std::uint32_t kLastType = 0xff13;
constexpr std::string_view kText = ".text.";

// "    name:            search" in the YAML of .ze_info.
void read_info(Kernels& kernels, std::string_view yaml) {
  constexpr std::string_view kKey = "name:";
  while (!yaml.empty()) {
    std::string_view line = yaml.substr(0, yaml.find('\n'));
    yaml.remove_prefix(std::min(yaml.size(), line.size() + 1));
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" -")));
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" '\"")));
    kernels.add(line.substr(0, line.find_first_of(" '\"\r")));
  }
}

}  // namespace

std::optional<GpuObject> read_zebin(ByteView bytes) {
  const auto program = programs::parse_elf(bytes, bytes.size());
  if (!program) return std::nullopt;
  const bool typed = program->type_number >= kFirstType && program->type_number <= kLastType;
  if (program->machine_number != kIntelGpu && !typed) return std::nullopt;
  GpuObject object{.target = "Intel GPU"};
  object.problems = program->problems;
  code::Words words;
  Allowance allowance(bytes);
  Kernels kernels;
  for (const programs::Section& section : program->sections) {
    const auto content = [&] { return allowance.take(programs::content(bytes, section), object); };
    if (section.name.starts_with(kText)) {
      kernels.add(section.name.substr(kText.size()));
    } else if (section.name == ".ze_info") {
      read_info(kernels, as_text(content()));
    } else if (section.name.starts_with(".spv")) {
      if (auto module = read_spirv(content())) {
        for (const std::string& kernel : module->kernels) kernels.add(kernel);
        for (const std::uint32_t word : module->words) words.add(word);
      }
    } else if (section.name.starts_with(".data")) {
      words.add_table(content());
    }
  }
  finish(object, kernels, words);
  return object;
}

}  // namespace minescan::inspect::gpu
