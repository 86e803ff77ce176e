#include "unpack/decoding_source.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace minescan::unpack {
namespace {

// Output is made in pieces of this size once a stream has shown to be long; small enough for the
// second-level cache.
constexpr std::size_t kChunk = std::size_t{512} << 10;
constexpr std::size_t kFirstChunk = std::size_t{128} << 10;

}  // namespace

ByteView DecodingSource::peek(std::size_t want) {
  want = std::min(want, kMaxPeek);
  while (end_ - begin_ < want && !ended_) {
    const OutBytes room = make_room(want);
    end_ += decode_some(room);
  }
  return {buffer_.get() + begin_, end_ - begin_};
}

void DecodingSource::skip(std::size_t n) {
  MINESCAN_CHECK(n <= end_ - begin_);
  begin_ += n;
  position_ += n;
}

std::size_t DecodingSource::read(OutBytes out) {
  if (begin_ != end_ || out.size() < kLeastRoom) return Source::read(out);
  std::size_t made = 0;
  while (made == 0 && !ended_) made = decode_some(out);
  position_ += made;
  return made;
}

void DecodingSource::report(Code code, std::string what) {
  if (!fault_) fault_ = Error{code, std::string(name_) + " data " + std::move(what)};
}

DecodingSource::Step DecodingSource::give_up(Code code, std::string what) {
  report(code, std::move(what));
  return {.state = State::failed};
}

std::string DecodingSource::where() const {
  return "after " + std::to_string(position_ + (end_ - begin_)) + " decoded bytes";
}

// Returns how many bytes were written to the front of `out`, which is at least kLeastRoom wide.
std::size_t DecodingSource::decode_some(OutBytes out) {
  ByteView window = parent_.peek(kWindow);
  const bool last = window.size() < kWindow;
  window = window.first(std::min(window.size(), kWindow));
  // A parent that is shorter than the magic was not recognised by its magic.
  committed_ = std::min(committed_, window.size());
  const Step step = decode(window.subspan(fed_), last, out);
  MINESCAN_CHECK(step.used <= window.size() - fed_ && step.made <= out.size());
  if (step.beside) {
    beside_.append(window.subspan(fed_, step.used));
  } else if (step.used != 0) {
    beside_.end_piece();
  }
  take(step, window.size(), last);
  return step.made;
}

void DecodingSource::take(const Step& step, std::size_t window, bool last) {
  fed_ += step.used;
  if (step.boundary) committed_ = fed_;
  if (step.state == State::end) {
    finish(fed_);
  } else if (step.state == State::failed) {
    finish(committed_);
  } else if (const bool stalled = step.used == 0 && step.made == 0; stalled && last) {
    if (const auto why = parent_.fault()) fault_ = fault_ ? fault_ : why;
    report(Code::truncated, "ends before its format says so, " + where());
    finish(window);
  } else if (stalled && fed_ == 0) {
    report(Code::corrupt, "has a header that is larger than " + std::to_string(kWindow) + " bytes");
    finish(committed_);
  } else if (stalled || (fed_ == window && !last)) {
    parent_.skip(fed_);
    fed_ = committed_ = 0;
  }
}

void DecodingSource::finish(std::size_t skip) {
  if (skip != 0) parent_.skip(skip);
  beside_.end_piece();
  ended_ = true;
}

OutBytes DecodingSource::make_room(std::size_t want) {
  const bool was_full = capacity_ - end_ < kLeastRoom;
  const std::size_t left = end_ - begin_;
  // A quarter more than is asked, so that large looks ahead do not move the buffer for every piece.
  std::size_t needed = std::max(want, left) + std::max(kLeastRoom, want / 4);
  if (left == 0) begin_ = end_ = 0;
  if (capacity_ == 0) needed = std::max(needed, kFirstChunk);
  // A buffer that was filled to its end belongs to a stream that has more.
  if (was_full && capacity_ < kChunk) needed = std::max(needed, std::min(capacity_ * 2, kChunk));
  if (needed > capacity_) {
    auto larger = std::make_unique_for_overwrite<std::byte[]>(needed);
    if (left != 0) std::memcpy(larger.get(), buffer_.get() + begin_, left);
    buffer_ = std::move(larger);
    capacity_ = needed;
    begin_ = 0;
    end_ = left;
  } else if (capacity_ - end_ < kLeastRoom || capacity_ - begin_ < want) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, left);
    begin_ = 0;
    end_ = left;
  }
  return {buffer_.get() + end_, std::min(capacity_ - end_, kChunk)};
}

}  // namespace minescan::unpack
