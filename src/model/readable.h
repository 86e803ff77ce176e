#pragma once
// What a confined process may still read.

#include <string>

namespace minescan {

// Links are not followed: `path` names the file or folder itself.
struct Readable {
  std::string path;         // a file, or a folder with all that is below it
  bool names_only = false;  // of a folder, and of those below it, only what they hold
};

}  // namespace minescan
