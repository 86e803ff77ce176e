#pragma once
// The pure function at the centre: a unit's bytes in, a Record out.  Opens no file and no socket,
// reads no clock; the same bytes, signatures and limits give the same Record everywhere.

#include "base/source.h"
#include "match/matcher.h"
#include "model/artifact.h"
#include "model/limits.h"
#include "model/observer.h"
#include "model/record.h"

namespace minescan::examine {

class Aside;

// Reads `bytes` to its end, or to where a limit stops it.  A fault of `bytes` itself (a broken
// transfer, a wrong digest) is a Gap of the Record like any other; the caller, who knows whether it
// also means "no verdict", asks the source.  The matcher is used by one examination at a time.
// `observer`, if any, changes nothing.  `aside`: threads that may help; they do not call the
// observer, which misses what they see, and the record counts unless aside->spoiled().
Record examine(const Unit& unit, Source& bytes, match::Matcher& matcher, const Limits& limits,
               Observer* observer = nullptr, Aside* aside = nullptr);

}  // namespace minescan::examine
