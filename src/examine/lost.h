#pragma once
// The record of a unit of which nothing could be looked at.

#include <string>

#include "model/artifact.h"
#include "model/record.h"

namespace minescan::examine {

// One gap over all bytes that are promised.
inline Record lost(const Unit& unit, GapReason reason, const std::string& what) {
  Record record;
  record.gaps.push_back({.trail = {{Step{Step::Kind::unit, unit.name}}},
                         .reason = reason,
                         .detail = what,
                         .bytes = unit.size});
  record.ledger = {.bytes = unit.size, .gap = unit.size, .nodes = 1};
  return record;
}

}  // namespace minescan::examine
