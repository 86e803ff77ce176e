#include "inspect/code/aarch64_words.h"

#include "base/reader.h"

namespace minescan::inspect::code {

// Arm Architecture Reference Manual, C4.1 "Move wide (immediate)": sf, opc of 2 bits, 100101, hw
// of 2 bits, imm16, Rd.
void Aarch64Words::read(ByteView code, Words& words) {
  constexpr std::uint32_t kMoveWide = 0x1f800000;
  constexpr std::uint32_t kIs = 0x12800000;
  enum class Operation { movn = 0, movz = 2, movk = 3 };
  Reader reader(code);
  while (const auto next = reader.little<std::uint32_t>()) {
    const std::uint32_t instruction = *next;
    if ((instruction & kMoveWide) != kIs) continue;
    const auto operation = static_cast<Operation>(instruction >> 29 & 3);
    const bool wide = instruction >> 31 != 0;
    const unsigned shift = 16 * (instruction >> 21 & 3);
    if (!wide && shift > 16) continue;
    std::uint64_t& value = registers_[instruction & 31];
    const std::uint64_t part = std::uint64_t{instruction >> 5 & 0xffff} << shift;
    switch (operation) {
      case Operation::movz:
        value = part;
        break;
      case Operation::movn:
        value = ~part;
        break;
      case Operation::movk:
        value = (value & ~(std::uint64_t{0xffff} << shift)) | part;
        break;
      default:
        continue;
    }
    if (wide && value >> 32 != 0) {
      words.add64(value);
    } else {
      value &= 0xffffffff;
      words.add(static_cast<std::uint32_t>(value));
    }
  }
}

}  // namespace minescan::inspect::code
