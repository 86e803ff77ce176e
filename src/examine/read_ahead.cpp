#include "examine/read_ahead.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/check.h"
#include "base/large_memory.h"

namespace minescan::examine {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
// What is left of one chunk is copied to just before the next one's payload, so that peeks across
// the seam are whole.  Wide enough for what a leaf asks for.
constexpr std::size_t kHeadroom = std::size_t{256} << 10;

}  // namespace

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread* thread : {&thread_, &hashing_}) {
    if (thread->joinable()) thread->join();
  }
}

void ReadAhead::run() {
  do {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [this] { return stop_ || written_ - std::min(read_, hashed_) < chunks_.size(); });
    if (stop_) return;
  } while (fill());
}

void ReadAhead::hash() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stop_ || hashed_ < written_ || ended_; });
    if (stop_) return;
    if (hashed_ == written_) break;
    const Chunk& chunk = chunks_[hashed_ % chunks_.size()];
    lock.unlock();
    hasher_.update({chunk.bytes + kHeadroom, chunk.size});
    lock.lock();
    ++hashed_;
    changed_.notify_all();
  }
  if (!fault_) digest_ = hasher_.finish();
  changed_.notify_all();
}

// Most inputs end within the first chunk.  The others are written to from end to end, so together
// they are worth large pages.
bool ReadAhead::make_room(Chunk& chunk) {
  if (chunk.bytes != nullptr) return true;
  constexpr std::size_t kSize = kHeadroom + kChunk;
  if (&chunk == &chunks_.front()) {
    // Not filled with zeros: that costs as much as a small package.
    first_.reset(static_cast<std::byte*>(std::malloc(kSize)));
    chunk.bytes = first_.get();
    return chunk.bytes != nullptr;
  }
  others_.reset(static_cast<std::byte*>(allocate_large(kSize * (chunks_.size() - 1))));
  if (others_ == nullptr) return false;
  for (std::size_t i = 1; i < chunks_.size(); ++i) {
    chunks_.at(i).bytes = others_.get() + kSize * (i - 1);
  }
  return true;
}

bool ReadAhead::fill() {
  // Only whoever fills writes `written_`, and the chunk at it is nobody else's.
  Chunk& chunk = chunks_[written_ % chunks_.size()];
  chunk.size = 0;
  std::optional<Error> fault;
  try {
    if (!make_room(chunk)) throw std::bad_alloc();
    std::byte* const payload = chunk.bytes + kHeadroom;
    while (chunk.size < kChunk) {
      const std::size_t n = inner_.read({payload + chunk.size, kChunk - chunk.size});
      if (n == 0) break;
      chunk.size += n;
    }
    if (hash_ && !hash_apart_) hasher_.update({payload, chunk.size});
  } catch (const std::bad_alloc&) {
    fault = Error{Code::limit_memory, "no memory to decode further"};
  }
  const bool end = chunk.size < kChunk || fault.has_value();
  {
    const std::lock_guard lock(mutex_);
    if (chunk.size > 0) ++written_;
    if (!hash_apart_) hashed_ = written_;
    if (end) {
      ended_ = true;
      fault_ = fault ? fault : inner_.fault();
      if (hash_ && !hash_apart_ && !fault_) digest_ = hasher_.finish();
    }
  }
  changed_.notify_all();
  return !end;
}

void ReadAhead::spill() {
  if (!holding_) return;
  own_.assign(current_.begin(), current_.end());
  current_ = own_;
  {
    const std::lock_guard lock(mutex_);
    ++read_;
  }
  holding_ = false;
  changed_.notify_all();
}

bool ReadAhead::advance() {
  const bool fits = current_.size() <= kHeadroom;
  if (!fits) spill();
  if (!begun_) {
    begun_ = true;
    alone_ = fill();
  } else if (alone_) {
    alone_ = false;
    if (hash_) hashing_ = std::thread([this] { hash(); });
    hash_apart_ = hash_;
    thread_ = std::thread([this] { run(); });
  }
  std::unique_lock lock(mutex_);
  // The chunk in hand is given back only after what is left of it was copied, so the next one has
  // to be there besides it.
  const std::size_t next = read_ + (holding_ ? 1 : 0);
  changed_.wait(lock, [&] { return written_ > next || ended_; });
  if (written_ <= next) return false;
  Chunk& chunk = chunks_[next % chunks_.size()];
  lock.unlock();
  if (fits) {
    std::byte* front = chunk.bytes + kHeadroom - current_.size();
    if (!current_.empty()) std::memmove(front, current_.data(), current_.size());
    const std::size_t size = current_.size() + chunk.size;
    const bool held = holding_;
    current_ = {front, size};
    holding_ = true;
    lock.lock();
    if (held) ++read_;
    lock.unlock();
  } else {
    own_.erase(own_.begin(), own_.begin() + (current_.data() - own_.data()));
    const std::byte* payload = chunk.bytes + kHeadroom;
    own_.insert(own_.end(), payload, payload + chunk.size);
    current_ = own_;
    lock.lock();
    ++read_;
    lock.unlock();
  }
  changed_.notify_all();
  return true;
}

ByteView ReadAhead::peek(std::size_t want) {
  while (current_.size() < want) {
    const std::size_t before = current_.size();
    if (!advance() || current_.size() == before) break;
  }
  return current_;
}

void ReadAhead::skip(std::size_t n) {
  MINESCAN_CHECK(n <= current_.size());
  current_ = current_.subspan(n);
  position_ += n;
}

std::optional<Error> ReadAhead::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

std::string ReadAhead::digest() const {
  std::unique_lock lock(mutex_);
  if (!ended_ || !hash_) return {};
  changed_.wait(lock, [this] { return !digest_.empty() || fault_; });
  return digest_;
}

}  // namespace minescan::examine
