#pragma once
// What a signature pack says of itself, once who signed it is known.

#include <cstdint>
#include <string>

namespace minescan {

struct SignaturePack {
  std::string name;           // of letters, digits and ". _ -": what versions are compared within
  std::uint64_t version = 0;  // from 1 on; a higher one is newer
  std::uint64_t made = 0;     // seconds since 1970; 0 = it does not say
  std::string key;            // id of the key that signed it, 16 hex digits
};

}  // namespace minescan
