#include "base/source.h"

#include <algorithm>

#include "base/check.h"

namespace minescan {

std::uint64_t skip_bytes(Source& source, std::uint64_t n) {
  std::uint64_t done = 0;
  while (done < n) {
    const ByteView bytes = source.peek(1);
    if (bytes.empty()) break;
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(n - done, bytes.size()));
    source.skip(take);
    done += take;
  }
  return done;
}

std::size_t Source::read(OutBytes out) {
  if (out.empty()) return 0;
  const ByteView bytes = peek(1);
  const std::size_t n = std::min(bytes.size(), out.size());
  std::copy_n(bytes.begin(), n, out.begin());
  skip(n);
  return n;
}

ByteView MemorySource::peek(std::size_t /*want*/) { return bytes_.subspan(position_); }

void MemorySource::skip(std::size_t n) {
  MINESCAN_CHECK(n <= bytes_.size() - position_);
  position_ += n;
}

ByteView BoundedSource::peek(std::size_t want) {
  if (left_ == 0) return {};
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(want, left_));
  const ByteView bytes = parent_.peek(wanted);
  if (bytes.size() < wanted && !fault_) {
    fault_ = parent_.fault();
    if (!fault_) {
      fault_ = Error{Code::truncated, "ends " + std::to_string(left_ - bytes.size()) +
                                          " bytes before the size that its header states"};
    }
  }
  return bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_)));
}

void BoundedSource::skip(std::size_t n) {
  MINESCAN_CHECK(n <= left_);
  parent_.skip(n);
  left_ -= n;
}

}  // namespace minescan
