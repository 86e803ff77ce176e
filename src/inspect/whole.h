#pragma once
// What only a whole file shows, or a large block of it: GPU code and its constants, constants of
// code that no search for bytes finds, packed programs, and what programs wrap.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "inspect/decoders/decoder.h"
#include "inspect/file_type.h"
#include "inspect/views.h"

namespace minescan::inspect {

// How many bytes of a file make a block; 0 = nothing is looked for in files of that type.  Programs
// of up to 48 MiB, nearly all, are one block; what lies on the border of two is seen in part.
std::size_t block_size(const FileType& type);

// Where a program ends by its own account, from its first bytes; 0 when it does not tell.
std::uint64_t program_length(ByteView head);

// A part of a file that was unpacked by itself.
struct Covered {
  std::uint64_t begin = 0;  // in the file, as `end`
  std::uint64_t end = 0;
};

struct Block {
  ByteView bytes;
  std::uint64_t offset = 0;               // in the file
  bool last = false;                      // nothing follows
  std::span<const Covered> covered = {};  // in order; nothing is looked for there
};

// One per file; its blocks come in order.
class BlockViews {
 public:
  explicit BlockViews(const FileType& type) : type_(type) {}
  // Shows the further views of a block.  What is packed or wrapped in it goes to `hidden`.
  void show(const Block& block, ViewSink& sink, const TakeDecoded& hidden);

 private:
  void show_program(const Block& block, ViewSink& sink, const TakeDecoded& hidden);

  FileType type_;
  bool is_aarch64_ = false;
  std::string cubin_;  // the header of a code object that goes on in further blocks
};

}  // namespace minescan::inspect
