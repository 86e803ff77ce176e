#pragma once
// Programs that carry a script or another program: an interpreter and what it is to run in one
// file.  Each wrapper is a file here that begins where unwrap() finds its mark.

#include <vector>

#include "base/bytes.h"
#include "inspect/decoders/decoder.h"
#include "inspect/views.h"

namespace minescan::inspect::wrappers {

// What the block of a program that begins at `offset` of its file carries goes to `hidden`. Looking
// costs one pass over the bytes.  What could not be looked into is told to `sink`.
void unwrap(ByteView block, std::uint64_t offset, ViewSink& sink, const TakeDecoded& hidden);

// A file of Python's bytecode: the strings of its constants as a script, and what of them is
// compressed or encoded.
void show_python(ByteView file, ViewSink& sink, const TakeDecoded& hidden);

}  // namespace minescan::inspect::wrappers
