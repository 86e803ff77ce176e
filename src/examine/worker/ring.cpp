#include "examine/worker/ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "base/check.h"
#include "examine/worker/messages.h"

namespace minescan::examine::worker {
namespace {

// A multiple of every page size that Linux has.
constexpr std::size_t kPage = std::size_t{64} << 10;
static_assert(sizeof(WorkerPage) <= kPage && sizeof(ParentPage) <= kPage);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

Result<Fd> make(const char* name, std::size_t size) {
  Fd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid() || ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
    return fail(Code::io, std::string("no memory to share with a worker: ") + std::strerror(errno));
  }
  // Memory that shrinks would end whoever looks at it.
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
    return fail(Code::io, std::string("memory to share with a worker cannot be sealed: ") +
                              std::strerror(errno));
  }
  return fd;
}

}  // namespace

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(begin_, other.begin_);
  std::swap(size_, other.size_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (begin_ != nullptr) ::munmap(begin_, size_);
}

Result<SharedMemory> SharedMemory::map(int fd, bool with_ring, bool writable) {
  const auto failed = [] {
    return fail(Code::io,
                std::string("memory of a worker cannot be mapped: ") + std::strerror(errno));
  };
  const std::size_t size = kPage + (with_ring ? 2 * kRing : 0);
  void* begin = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) return failed();
  SharedMemory memory;
  memory.begin_ = static_cast<std::byte*>(begin);
  memory.size_ = size;
  const int rights = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  const auto place = [&](std::size_t at, std::size_t bytes, std::size_t offset) {
    return ::mmap(memory.begin_ + at, bytes, rights, MAP_SHARED | MAP_FIXED, fd,
                  static_cast<off_t>(offset)) != MAP_FAILED;
  };
  if (!place(0, kPage, 0)) return failed();
  if (with_ring && (!place(kPage, kRing, kPage) || !place(kPage + kRing, kRing, kPage))) {
    return failed();
  }
  return memory;
}

std::byte* SharedMemory::ring() const { return begin_ + kPage; }

Result<RingWriter> RingWriter::create() {
  RingWriter ring;
  MINESCAN_TRY_ASSIGN(ring.input_fd_, make("minescan-input", kPage + kRing));
  MINESCAN_TRY_ASSIGN(ring.page_fd_, make("minescan-worker", kPage));
  MINESCAN_TRY_ASSIGN(ring.input_, SharedMemory::map(ring.input_fd_.get(), true, true));
  MINESCAN_TRY_ASSIGN(ring.page_, SharedMemory::map(ring.page_fd_.get(), false, true));
  new (ring.input_.page()) ParentPage();
  new (ring.page_.page()) WorkerPage();
#ifdef F_SEAL_FUTURE_WRITE
  // From now on nobody else can map it for writing.  Where the kernel is too old, a worker could
  // change its own input, which was verified before.
  ::fcntl(ring.input_fd_.get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE);
#endif
  return ring;
}

ParentPage& RingWriter::parent_page() const {
  return *std::launder(reinterpret_cast<ParentPage*>(input_.page()));
}

WorkerPage& RingWriter::worker_page() const {
  return *std::launder(reinterpret_cast<WorkerPage*>(page_.page()));
}

void RingWriter::begin() {
  filled_ = taken_ = 0;
  parent_page().filled.store(0);
  set_spare(0);
  worker_page().taken.store(0);
  worker_page().hungry.store(0);
  worker_page().trail_size.store(0);
}

std::optional<std::span<std::byte>> RingWriter::room() {
  const std::uint64_t taken = worker_page().taken.load();
  if (taken < taken_ || taken > filled_) return std::nullopt;
  taken_ = taken;
  const auto used = static_cast<std::size_t>(filled_ - taken_);
  return std::span(input_.ring() + filled_ % kRing, kRing - used);
}

bool RingWriter::publish(std::size_t n) {
  filled_ += n;
  parent_page().filled.store(filled_);
  return worker_page().hungry.exchange(0) != 0;
}

void RingWriter::ask_for_room() { parent_page().wants_room.fetch_add(1); }

std::uint64_t RingWriter::progress() const {
  // The sum changes when either does; that both cancel out is one case in 2^64.
  return worker_page().taken.load() + worker_page().beat.load();
}

std::optional<Trail> RingWriter::trail() const {
  const WorkerPage& page = worker_page();
  const std::size_t size = page.trail_size.load();
  if (size == 0 || size > page.trail.size()) return std::nullopt;
  const std::string copy(page.trail.data(), size);
  return trail_from_bytes(as_bytes(copy));
}

Result<std::unique_ptr<RingSource>> RingSource::map(int input, int page, Wake wake) {
  std::unique_ptr<RingSource> source(new RingSource(std::move(wake)));
  MINESCAN_TRY_ASSIGN(source->input_, SharedMemory::map(input, true, false));
  MINESCAN_TRY_ASSIGN(source->page_, SharedMemory::map(page, false, true));
  return source;
}

const ParentPage& RingSource::parent_page() const {
  return *std::launder(reinterpret_cast<const ParentPage*>(input_.page()));
}

WorkerPage& RingSource::worker_page() const {
  return *std::launder(reinterpret_cast<WorkerPage*>(page_.page()));
}

void RingSource::begin() {
  position_ = taken_ = 0;
  own_.clear();
  own_begin_ = 0;
  ended_ = false;
  fault_.reset();
}

void RingSource::end(std::optional<Error> fault) {
  ended_ = true;
  fault_ = std::move(fault);
}

void RingSource::at(const Trail& trail) {
  WorkerPage& page = worker_page();
  const std::string bytes = trail_bytes(trail, page.trail.size());
  page.trail_size.store(0);
  std::copy(bytes.begin(), bytes.end(), page.trail.begin());
  page.trail_size.store(static_cast<std::uint32_t>(bytes.size()));
  beat();
}

std::size_t RingSource::in_ring() const {
  return static_cast<std::size_t>(parent_page().filled.load() - taken_);
}

std::size_t RingSource::wait_for(std::size_t want) {
  std::size_t have = in_ring();
  while (have < want && !ended_) {
    worker_page().hungry.store(1);
    have = in_ring();
    // Bytes that came in between do not always wake; whoever waits without looking waits forever.
    if (have < want) wake_.wait();
    worker_page().hungry.store(0);
    have = in_ring();
  }
  return have;
}

void RingSource::take(std::size_t n) {
  taken_ += n;
  worker_page().taken.store(taken_);
  const std::uint32_t wanted = parent_page().wants_room.load();
  if (wanted != answered_ && in_ring() <= kRing / 2) {
    answered_ = wanted;
    wake_.room();
  }
}

ByteView RingSource::peek(std::size_t want) {
  want = std::min(want, kMaxPeek);
  if (own_begin_ == own_.size() && want <= kRing / 2) {
    own_.clear();
    own_begin_ = 0;
    const std::size_t have = wait_for(want);
    return {input_.ring() + taken_ % kRing, have};
  }
  while (own_.size() - own_begin_ < want) {
    const std::size_t have = wait_for(1);
    if (have == 0) break;
    if (own_begin_ != 0) {
      own_.erase(own_.begin(), own_.begin() + static_cast<std::ptrdiff_t>(own_begin_));
      own_begin_ = 0;
    }
    const std::byte* from = input_.ring() + taken_ % kRing;
    own_.insert(own_.end(), from, from + have);
    take(have);
  }
  return ByteView(own_).subspan(own_begin_);
}

void RingSource::skip(std::size_t n) {
  position_ += n;
  if (own_begin_ != own_.size()) {
    MINESCAN_CHECK(n <= own_.size() - own_begin_);
    own_begin_ += n;
    return;
  }
  MINESCAN_CHECK(n <= in_ring());
  take(n);
}

}  // namespace minescan::examine::worker
