#pragma once
// Constants of AArch64 code: they are put together of 16-bit parts by MOVZ, MOVK and MOVN, and no
// search for bytes finds them.

#include <array>

#include "inspect/code/words.h"

namespace minescan::inspect::code {

// One for each program; what is known of registers goes over from one call to the next.
class Aarch64Words {
 public:
  // `code` is of executable sections and begins at an instruction.  Adds what a register holds
  // after each of these instructions: 64-bit values as two words.
  void read(ByteView code, Words& words);

 private:
  std::array<std::uint64_t, 32> registers_{};
};

}  // namespace minescan::inspect::code
