#pragma once
// What the loader reads of an ELF file: found through the segments alone, so that it is there when
// section headers are not.

#include "inspect/programs/elf_header.h"

namespace minescan::inspect::programs {

struct ElfDynamic {
  std::vector<std::string_view> libraries;
  ByteView symbols;  // the table, cut where it ends by the hash table or its neighbour
  ByteView names;
};

// `segments`: of the file, whose names are set.  Nothing when there is no dynamic segment.
std::optional<ElfDynamic> read_elf_dynamic(ByteView file, const ElfHeader& header,
                                           const std::vector<Segment>& segments);

}  // namespace minescan::inspect::programs
