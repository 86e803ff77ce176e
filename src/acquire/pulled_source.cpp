#include "acquire/pulled_source.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace minescan::acquire {
namespace {

// Large enough that the cost of a read call vanishes, small enough to stay in the cache.
constexpr std::size_t kWindow = std::size_t{256} << 10;

}  // namespace

ByteView PulledSource::peek(std::size_t want) {
  want = std::min(want, kMaxPeek);
  while (end_ - begin_ < want && !ended_) {
    make_room(want);
    const auto pulled = pull(std::span(buffer_).subspan(end_));
    if (!pulled) fault_ = pulled.error();
    if (!pulled || *pulled == 0) {
      ended_ = true;
    } else {
      end_ += *pulled;
    }
  }
  return ByteView(buffer_).subspan(begin_, end_ - begin_);
}

void PulledSource::skip(std::size_t n) {
  MINESCAN_CHECK(n <= end_ - begin_);
  begin_ += n;
  position_ += n;
}

void PulledSource::make_room(std::size_t want) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ < buffer_.size() && buffer_.size() - begin_ >= want) return;
  // The first time there is no buffer to move anything in.
  if (end_ > begin_) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() < std::max(want, kWindow)) buffer_.resize(std::max(want, kWindow));
}

}  // namespace minescan::acquire
