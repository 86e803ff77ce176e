#pragma once
// The pure function at the centre: a unit's bytes in, a Record out.  Opens no file and no socket,
// reads no clock; the same bytes, signatures and limits give the same Record everywhere.

#include <atomic>
#include <cstdint>

#include "base/source.h"
#include "match/matcher.h"
#include "model/artifact.h"
#include "model/limits.h"
#include "model/record.h"

namespace minescan::examine {

// `progress`, when given, counts the unit's bytes as they are consumed (for a progress line).
Record examine(const Unit& unit, Source& bytes, match::Matcher& matcher,
               const match::SignatureSet& signatures, const Limits& limits,
               std::atomic<std::uint64_t>* progress = nullptr);

}  // namespace minescan::examine
