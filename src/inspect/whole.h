#pragma once
// What only a whole file shows: a program's parts, GPU code, packed programs.

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "inspect/decoders/decoder.h"
#include "inspect/file_type.h"
#include "inspect/views.h"

namespace minescan::inspect {

// How many first bytes of a file whole_views() is given: miners are up to 60 MB, programs for
// graphics cards seldom more than that in one object.
std::size_t bytes_wanted(const FileType& type);

// Where a program ends by its own account, from its first bytes; 0 when it does not tell.
std::uint64_t program_length(ByteView head);

// Shows the further views of a file: the kernels and constants of GPU code, constants of code.
// `file`: its first bytes, up to bytes_wanted(); `file_size`: of all of it.  What is packed in it
// goes to `hidden`.
void whole_views(ByteView file, std::uint64_t file_size, const FileType& type, ViewSink& sink,
                 std::vector<Decoded>& hidden);

}  // namespace minescan::inspect
