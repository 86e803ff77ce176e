#include "inspect/gpu/cubin.h"

#include <array>

#include "base/reader.h"
#include "inspect/programs/elf.h"

namespace minescan::inspect::gpu {
namespace {

using programs::Program;
using programs::Section;

// Nothing of this is documented; it was read off what ptxas of CUDA 13 makes for sm_75 to sm_121,
// and for older processors off public disassemblies with encodings.

constexpr std::uint8_t kAbiOfCuda13 = 0x41;    // EI_OSABI; 0x33 before
constexpr std::uint8_t kEntryFunction = 0x10;  // st_other
constexpr std::uint8_t kFunction = 2;          // STT_FUNC

constexpr std::string_view kText = ".text.";
constexpr unsigned kVolta = 70;  // sm

// Since sm_70: 16 bytes; the lower 12 bits are the operation (9) and where its operands are (3).
constexpr std::size_t kInstruction = 16;
constexpr unsigned kOperation = 0x1ff;
constexpr unsigned kUmov64 = 0x482;
constexpr unsigned kNop = 0x118;
constexpr unsigned kLop3 = 0x012;
constexpr unsigned kShf = 0x019;
constexpr unsigned kLdg = 0x181;
constexpr unsigned kStg = 0x186;
constexpr std::array<unsigned, 5> kAtomics = {0x18a, 0x18b, 0x18e, 0x1a8, 0x1a9};

// Whether bytes 4 to 7 can be an immediate: not when the operand there is a register or lies in a
// bank of constants.
bool has_immediate(unsigned opcode) {
  const unsigned form = opcode >> 9 & 7;
  return form == 0 || form == 2 || form == 4;
}

std::uint64_t little64(ByteView bytes, std::size_t at) {
  const auto part = Reader(bytes).slice(at, 8);
  return part ? Reader(*part).little<std::uint64_t>().value_or(0) : 0;
}

KernelShape read_volta(ByteView text, code::Words& words) {
  KernelShape shape;
  for (std::size_t at = 0; at + kInstruction <= text.size(); at += kInstruction) {
    const ByteView instruction = text.subspan(at, kInstruction);
    const std::uint64_t low = little64(instruction, 0);
    const auto opcode = static_cast<unsigned>(low & 0xfff);
    const unsigned operation = opcode & kOperation;
    if (operation == kNop) continue;
    ++shape.instructions;
    if (operation == kLop3 || operation == kShf) ++shape.logic;
    if (operation == kLdg) ++shape.loads;
    if (operation == kStg) ++shape.stores;
    if (std::find(kAtomics.begin(), kAtomics.end(), operation) != kAtomics.end()) ++shape.atomics;
    if (!has_immediate(opcode)) continue;
    words.add(static_cast<std::uint32_t>(low >> 32));
    // Processors before sm_100 have 32 bits here, at the same place as others.
    if (opcode == kUmov64) words.add64(little64(instruction, 3));
  }
  return shape;
}

// Before sm_70: 8 bytes, of which 32 at an odd place are the immediate of long forms.
void read_before_volta(ByteView text, unsigned sm, code::Words& words) {
  unsigned shift = 20;
  if (sm < 35) {
    shift = 26;
  } else if (sm < 50) {
    shift = 23;
  }
  for (std::size_t at = 0; at + 8 <= text.size(); at += 8) {
    words.add(static_cast<std::uint32_t>(little64(text, at) >> shift));
  }
}

class Cubin {
 public:
  Cubin(ByteView bytes, const Program& program)
      : bytes_(bytes), program_(program), allowance_(bytes) {}

  GpuObject read() {
    sm_ = sm();
    object_.target = "sm_" + std::to_string(sm_);
    object_.problems = program_.problems;
    for (const Section& section : program_.sections) this->section(section);
    // The driver needs sections; whoever cuts a file or wipes them has none at all.
    if (program_.sections.empty()) segments();
    for (const programs::Symbol& symbol : program_.symbols) {
      const bool entry = symbol.type == kFunction && (symbol.other & kEntryFunction) != 0;
      if (entry) kernels_.add(symbol.name);
    }
    finish(object_, kernels_, words_);
    return std::move(object_);
  }

  GpuObject read_part() {
    sm_ = sm();
    object_.target = "sm_" + std::to_string(sm_);
    sweep();
    finish(object_, kernels_, words_);
    return std::move(object_);
  }

 private:
  [[nodiscard]] unsigned sm() const {
    return program_.os_abi == kAbiOfCuda13 ? program_.flags >> 8 & 0xff : program_.flags & 0xff;
  }

  void section(const Section& section) {
    const std::string_view name = section.name;
    // Since sm_100 these repeat others.
    if (name.starts_with(".nv.capmerc") || name.starts_with(".nv.merc")) return;
    const auto content = [&] {
      return allowance_.take(programs::content(bytes_, section), object_);
    };
    if (name.starts_with(kText)) {
      kernels_.add(name.substr(kText.size()));
      text(name.substr(kText.size()), content());
      return;
    }
    if (name.starts_with(".nv.constant") || name.starts_with(".nv.global.init")) {
      words_.add_table(content());
    }
    constexpr std::string_view kInfo = ".nv.info.";
    if (name.starts_with(kInfo)) kernels_.add(name.substr(kInfo.size()));
  }

  void segments() {
    if (program_.segments.empty()) {
      add_problem(object_, "has neither sections nor segments; only immediates were read");
      return sweep();
    }
    add_problem(object_, "has no sections; its segments were read");
    for (const programs::Segment& segment : program_.segments) {
      const ByteView content =
          allowance_.take(programs::content(bytes_, segment.offset, segment.size), object_);
      if (segment.executable) {
        text({}, content);
      } else {
        words_.add_table(content);
      }
    }
  }

  // ptxas puts both tables at the end, so that a part of a file has neither.  Code begins at
  // multiples of its instructions' size, and the names of sections come first in the file.
  void sweep() {
    constexpr std::size_t kNames = std::size_t{1} << 20;
    const std::string_view names = as_text(bytes_.first(std::min(bytes_.size(), kNames)));
    for (std::size_t at = names.find(kText); at != std::string_view::npos;
         at = names.find(kText, at + 1)) {
      const std::string_view name = names.substr(at + kText.size(), kLongestKernel);
      kernels_.add(name.substr(0, name.find('\0')));
    }
    if (sm_ >= kVolta) {
      read_volta(bytes_, words_);
    } else {
      read_before_volta(bytes_, sm_, words_);
    }
  }

  void text(std::string_view name, ByteView content) {
    if (sm_ < kVolta) {
      read_before_volta(content, sm_, words_);
      return;
    }
    KernelShape shape = read_volta(content, words_);
    name = name.substr(0, kLongestKernel);
    if (object_.shapes.size() >= kMostKernels) return;
    // A name may be as many sections' as there are.
    if (shape_names_ + name.size() <= kMostKernelBytes) shape.name = name;
    shape_names_ += shape.name.size();
    object_.shapes.push_back(std::move(shape));
  }

  ByteView bytes_;
  const Program& program_;
  unsigned sm_ = 0;
  Kernels kernels_;
  code::Words words_;
  GpuObject object_;
  Allowance allowance_;
  std::size_t shape_names_ = 0;
};

}  // namespace

std::optional<GpuObject> read_cubin(ByteView bytes) {
  const auto program = programs::parse_elf(bytes, bytes.size());
  if (!program || program->machine_number != programs::kElfCuda) return std::nullopt;
  return Cubin(bytes, *program).read();
}

std::optional<GpuObject> read_cubin_part(ByteView header, ByteView part) {
  const auto program = programs::parse_elf(header, header.size());
  if (!program || program->machine_number != programs::kElfCuda) return std::nullopt;
  return Cubin(part, *program).read_part();
}

}  // namespace minescan::inspect::gpu
