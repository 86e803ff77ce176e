// The pack as bytes of the program, taken in by the assembler: quick to build at any size.

#include "base/digest.h"
#include "match/pack.h"

__asm__(
    ".section .rodata\n"
    ".balign 64\n"
    "minescan_pack_begin:\n"
    ".incbin \"" MINESCAN_PACK_FILE
    "\"\n"
    "minescan_pack_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const std::byte minescan_pack_begin[] __attribute__((visibility("hidden")));
extern const std::byte minescan_pack_end[] __attribute__((visibility("hidden")));
}

namespace minescan::match {

TrustedPack built_in_pack() {
  TrustedPack pack;
  pack.bytes_ = {minescan_pack_begin,
                 static_cast<std::size_t>(minescan_pack_end - minescan_pack_begin)};
  return pack;
}

std::string pack_maker() { return sha256(built_in_pack().bytes()); }

}  // namespace minescan::match
