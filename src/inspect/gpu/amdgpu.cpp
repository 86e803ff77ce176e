#include "inspect/gpu/amdgpu.h"

#include <array>

#include "base/printable.h"
#include "base/reader.h"
#include "inspect/gpu/msgpack.h"
#include "inspect/programs/elf.h"

namespace minescan::inspect::gpu {
namespace {

using programs::Program;

constexpr std::uint32_t kLegacyMachine = 0xAF5B;
// Notes of LLVM's AMDGPU backend ("Code Object Metadata").
constexpr std::uint32_t kMetadataNote = 32;
constexpr std::uint32_t kYamlNote = 10;  // code object version 2
constexpr std::uint8_t kFunction = 2;    // STT_FUNC

struct Machine {
  std::uint32_t number;
  std::string_view name;
};
// EF_AMDGPU_MACH of LLVM's ELF.h.
constexpr std::array kMachines = std::to_array<Machine>({
    {0x20, "gfx600"},  {0x21, "gfx601"},  {0x22, "gfx700"},  {0x23, "gfx701"},  {0x24, "gfx702"},
    {0x25, "gfx703"},  {0x26, "gfx704"},  {0x28, "gfx801"},  {0x29, "gfx802"},  {0x2a, "gfx803"},
    {0x2b, "gfx810"},  {0x2c, "gfx900"},  {0x2d, "gfx902"},  {0x2e, "gfx904"},  {0x2f, "gfx906"},
    {0x30, "gfx908"},  {0x31, "gfx909"},  {0x32, "gfx90c"},  {0x33, "gfx1010"}, {0x34, "gfx1011"},
    {0x35, "gfx1012"}, {0x36, "gfx1030"}, {0x37, "gfx1031"}, {0x38, "gfx1032"}, {0x39, "gfx1033"},
    {0x3d, "gfx1035"}, {0x3e, "gfx1034"}, {0x3f, "gfx90a"},  {0x40, "gfx940"},  {0x41, "gfx1100"},
});

std::string machine_name(std::uint32_t flags) {
  const std::uint32_t number = flags & 0xff;
  for (const Machine& machine : kMachines) {
    if (machine.number == number) return std::string(machine.name);
  }
  return "amdgpu " + hexadecimal(number);
}

// Whether an instruction's word, or the second word of a long one, has a source that stands for
// "the literal that follows" (255 in 8 or 9 bits: RDNA and Vega ISA, "Scalar Source Operands"), or
// is one of the operations that always have a literal.
bool wants_literal(std::uint32_t word) {
  const auto source = [word](unsigned shift, unsigned mask) {
    return (word >> shift & mask) == 0xff;
  };
  // Scalar: SSRC0, SSRC1.  Vector: SRC0, and in the second word SRC0, SRC1, SRC2.
  if (source(0, 0xff) || source(8, 0xff) || source(0, 0x1ff) || source(9, 0x1ff) ||
      source(18, 0x1ff)) {
    return true;
  }
  // v_madmk, v_madak, v_fmamk and v_fmaak of all generations, in single and half precision.
  constexpr std::array kAlways = {0x17U, 0x18U, 0x20U, 0x21U, 0x24U,
                                  0x25U, 0x2cU, 0x2dU, 0x37U, 0x38U};
  const bool vop2 = word >> 31 == 0;
  return vop2 && std::find(kAlways.begin(), kAlways.end(), word >> 25 & 0x3f) != kAlways.end();
}

// All other words are instructions; they would make other code's words appear by chance.
void read_text(ByteView text, code::Words& words) {
  std::uint32_t before = 0;
  std::uint32_t last = 0;
  Reader reader(text);
  while (const auto word = reader.little<std::uint32_t>()) {
    // Two words stand before the literal of a dual instruction, and the first may ask for it.
    if (wants_literal(last) || (before & 0x1ff) == 0xff) words.add(*word);
    before = last;
    last = *word;
  }
}

class AmdObject {
 public:
  AmdObject(ByteView bytes, const Program& program)
      : bytes_(bytes), program_(program), allowance_(bytes) {}

  GpuObject read() {
    const bool legacy = program_.machine_number == kLegacyMachine;
    object_.target = legacy ? "AMD APP" : machine_name(program_.flags);
    object_.problems = program_.problems;
    notes();
    symbols(legacy);
    for (const programs::Section& section : program_.sections) {
      const auto content = [&] {
        return allowance_.take(programs::content(bytes_, section), object_);
      };
      if (section.executable && !legacy) {
        read_text(content(), words_);
      } else if (is_table(section, legacy)) {
        words_.add_table(content());
      }
    }
    if (program_.sections.empty()) segments();
    finish(object_, kernels_, words_);
    return std::move(object_);
  }

 private:
  static bool is_table(const programs::Section& section, bool legacy) {
    const std::string_view name = section.name;
    return name.starts_with(".rodata") || name.starts_with(".data") ||
           (legacy && name.starts_with(".text"));
  }

  void notes() {
    for (const programs::Note& note : program_.notes) {
      if (note.owner == "AMDGPU" && note.type == kMetadataNote) {
        metadata(note.body);
      } else if (note.owner == "AMD" && note.type == kYamlNote) {
        yaml(as_text(note.body));
      }
    }
  }

  // Map: "amdhsa.kernels" is a list of maps with ".name" and ".symbol", "amdhsa.target" a text.
  void metadata(ByteView body) {
    constexpr unsigned kKernelDepth = 3;  // arguments of kernels have names too, deeper
    for (const MsgpackText& text : msgpack_texts(body)) {
      if (text.key == ".name" && text.depth == kKernelDepth) {
        kernels_.add(text.text);
        metadata_names_ = true;
      }
      if (text.key == "amdhsa.target") target(text.text);
    }
  }

  // "amdgcn-amd-amdhsa--gfx906:xnack-".
  void target(std::string_view text) {
    const std::size_t at = text.rfind("gfx");
    if (at != std::string_view::npos) object_.target = text.substr(at, 64);
  }

  // Only kernels have "SymbolName: 'search@kd'".
  void yaml(std::string_view text) {
    constexpr std::string_view kKey = "SymbolName:";
    constexpr std::string_view kSuffix = "@kd";
    for (std::size_t at = text.find(kKey); at != std::string_view::npos;
         at = text.find(kKey, at + 1)) {
      std::string_view name = text.substr(at + kKey.size(), kLongestKernel);
      name = name.substr(0, name.find('\n'));
      const std::size_t from = name.find_first_not_of(" '\"");
      const std::size_t to = name.find(kSuffix);
      if (from < to && to != std::string_view::npos) {
        kernels_.add(name.substr(from, to - from));
      }
    }
  }

  void symbols(bool legacy) {
    constexpr std::string_view kDescriptor = ".kd";
    constexpr std::string_view kBefore = "__OpenCL_";
    constexpr std::string_view kBehind = "_kernel";
    for (const programs::Symbol& symbol : program_.symbols) {
      std::string_view name = symbol.name;
      if (name.ends_with(kDescriptor)) {
        kernels_.add(name.substr(0, name.size() - kDescriptor.size()));
      } else if (legacy && name.starts_with(kBefore) && name.ends_with(kBehind)) {
        name.remove_prefix(kBefore.size());
        if (name.size() > kBehind.size()) {
          kernels_.add(name.substr(0, name.size() - kBehind.size()));
        }
      } else if (!metadata_names_ && !legacy && symbol.type == kFunction) {
        // Objects for PAL have no metadata that is read here.
        kernels_.add(name);
      }
    }
  }

  void segments() {
    add_problem(object_, "has no sections; its segments were read");
    for (const programs::Segment& segment : program_.segments) {
      const ByteView content =
          allowance_.take(programs::content(bytes_, segment.offset, segment.size), object_);
      if (segment.executable) {
        read_text(content, words_);
      } else {
        words_.add_table(content);
      }
    }
  }

  ByteView bytes_;
  const Program& program_;
  Kernels kernels_;
  code::Words words_;
  GpuObject object_;
  Allowance allowance_;
  bool metadata_names_ = false;
};

}  // namespace

std::optional<GpuObject> read_amdgpu(ByteView bytes) {
  const auto program = programs::parse_elf(bytes, bytes.size());
  if (!program) return std::nullopt;
  if (program->machine_number != programs::kElfAmdGpu &&
      program->machine_number != kLegacyMachine) {
    return std::nullopt;
  }
  return AmdObject(bytes, *program).read();
}

}  // namespace minescan::inspect::gpu
