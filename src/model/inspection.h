#pragma once
// What minescan sees in one file, for `minescan inspect`.

#include <string>
#include <utility>
#include <vector>

#include "model/trail.h"

namespace minescan {

// One stream of bytes in the file: itself, a member, what was decoded or unpacked.
struct InspectedNode {
  Trail trail;
  std::string type;  // "ELF", "fatbin", "shell script"
  // Named lists, in the order in which they are shown: "machine", "sections", "kernels" …  The
  // texts are untrusted.
  std::vector<std::pair<std::string, std::vector<std::string>>> facts;
};

struct Inspection {
  std::string file;  // as the user named it
  std::string digest;
  std::vector<InspectedNode> nodes;  // in the order of the bytes
  std::size_t nodes_left_out = 0;
};

}  // namespace minescan
