#include "unpack/beside.h"

#include <algorithm>

namespace minescan::unpack {

void Beside::append(ByteView bytes) {
  const std::size_t room = std::min(bytes.size(), kMost - kept_);
  piece_.append(as_text(bytes.first(room)));
  kept_ += room;
  left_out_ += bytes.size() - room;
}

void Beside::end_piece() {
  if (piece_.empty()) return;
  if (piece_.size() < kShort || pieces_.size() >= kMostPieces) {
    lines_ += piece_;
    lines_ += '\n';
  } else {
    pieces_.push_back(std::move(piece_));
  }
  piece_.clear();
}

}  // namespace minescan::unpack
