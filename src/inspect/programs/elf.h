#pragma once
// ELF of either width and byte order: executables, shared libraries, objects, GPU code objects.
// Layout: the System V gABI, chapters 4 and 5, and the Linux and GNU extensions of <elf.h>.

#include "inspect/programs/program.h"

namespace minescan::inspect::programs {

// Numbers of e_machine that others ask for.
inline constexpr std::uint32_t kElfCuda = 190;
inline constexpr std::uint32_t kElfAmdGpu = 224;

// As parse_program and natural_length in program.h.
std::optional<Program> parse_elf(ByteView file, std::uint64_t file_size);
std::uint64_t elf_length(ByteView head, std::uint64_t file_size);

// Appends the notes of a segment or section of notes.  Their parts begin at multiples of 4 bytes;
// in those that the linker aligns to 8, the sizes are multiples of 8 and nothing differs.
void read_notes(ByteView bytes, bool big_endian, std::vector<Note>& notes);

}  // namespace minescan::inspect::programs
