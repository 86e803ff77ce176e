#pragma once
// The signature pack inside the program: made at build time by the tool minescan-pack, compressed
// so that its patterns are not readable as plain strings there (other scanners would flag
// minescan).

#include "base/bytes.h"

namespace minescan::match {

ByteView built_in_pack();

}  // namespace minescan::match
