#pragma once
// Reads sources to their ends, as examining does.

#include <string>

#include "base/source.h"

namespace minescan::test {

struct ReadBytes {
  std::string bytes;
  std::optional<Error> fault;
};

// Steps of `step` bytes with a look a little further, so that windows overlap.
inline ReadBytes read_all(Source& source, std::size_t step = 4096) {
  ReadBytes read;
  while (true) {
    const ByteView view = source.peek(step + 100);
    if (view.empty()) break;
    const std::size_t n = view.size() < step ? view.size() : step;
    read.bytes += as_text(view.first(n));
    source.skip(n);
  }
  read.fault = source.fault();
  return read;
}

}  // namespace minescan::test
