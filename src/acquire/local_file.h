#pragma once
// One local file as an Artifact of one Unit.

#include <string>

#include "acquire/acquire.h"

namespace minescan::acquire {

// Reads the file once for its digest, under which results are stored and by which people name it;
// when its bytes are read again and differ, that is a fault with Code::changed.  One that is larger
// than what is read of a unit has no digest: taking it might last for hours.
Result<Acquired> local_file(const std::string& path, Artifact::Kind kind);

}  // namespace minescan::acquire
