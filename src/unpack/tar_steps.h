#pragma once
// A tar walked from entry to entry by whoever has only some of its bytes at a time: what a walk
// knows between two entries is a value, with which another one goes on.

#include <cstdint>
#include <memory>
#include <string>

#include "base/source.h"
#include "model/limits.h"
#include "unpack/format.h"
#include "unpack/walk.h"

namespace minescan::unpack {

struct TarPlace {
  // What a global header says about all entries behind it; nullptr when there was none that does.
  // Shared, since a place is copied often and a text may have 4 MiB.
  std::shared_ptr<const std::string> path;
  std::shared_ptr<const std::string> linkpath;
  std::uint64_t zero_blocks = 0;  // since the last header
  WalkCounts counts;
};

// One entry with the extended headers before it and the padding behind it, or a run of bytes that
// are none.  A container that does not begin where the archive does has its position all the same.
// False: the archive ends here, or the sink wants that.
bool step_tar(Source& container, const Limits& limits, MemberSink& sink, TarPlace& place);

}  // namespace minescan::unpack
