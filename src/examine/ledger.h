#pragma once
// The ledger of one node: a layer, an entry, a decoded stream.  Its bytes are accounted for as they
// are consumed; whatever is consumed and in no column when the node is closed is a defect, which
// shows as a gap instead of passing for clean.
//
// What decoders find in a text (base64, joined strings, …) is a node of its own as well, with its
// own bytes, columns and gaps.  The text is matched as it is, so its bytes stay `scanned` and its
// sums do not change: a unit's sums may therefore exceed the bytes that it holds, as they do for
// everything compressed.

#include <cstdint>

#include "model/record.h"

namespace minescan::examine {

class NodeLedger {
 public:
  void scanned(std::uint64_t bytes) { scanned_ += bytes; }
  void decoded(std::uint64_t bytes) { decoded_ += bytes; }
  void gap(std::uint64_t bytes) { gap_ += bytes; }

  // Adds the node of `bytes` bytes to the sums.  Returns how many bytes were in no column (they are
  // booked as a gap); 0 unless there is a defect.
  std::uint64_t close(std::uint64_t bytes, Ledger& sums) {
    const std::uint64_t booked = scanned_ + decoded_ + gap_;
    const std::uint64_t lost = bytes > booked ? bytes - booked : booked - bytes;
    sums.bytes += bytes;
    sums.scanned += scanned_;
    sums.decoded += decoded_;
    sums.gap += gap_ + (bytes > booked ? lost : 0);
    ++sums.nodes;
    return lost;
  }

 private:
  std::uint64_t scanned_ = 0;
  std::uint64_t decoded_ = 0;
  std::uint64_t gap_ = 0;
};

}  // namespace minescan::examine
