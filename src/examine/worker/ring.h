#pragma once
// How a unit's bytes get into a worker: a ring in memory that both processes have, so that they
// are copied once.  It is mapped twice in a row, so that what lies in it is always one piece.
//
// The worker only reads the bytes and the parent's page.  What the worker writes, its own page, is
// hostile to the parent: a position out of order ends the worker, and nothing else is believed.
// Whoever waits is woken through the channel (messages.h).

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/handle.h"
#include "base/result.h"
#include "base/source.h"
#include "model/trail.h"

namespace minescan::examine::worker {

// Some windows (of 256 KiB, as sources read) ahead, and no more than a processor's cache holds.
inline constexpr std::size_t kRing = std::size_t{1} << 20;

// Written by the parent.
struct ParentPage {
  std::atomic<std::uint64_t> filled = 0;      // bytes of the unit that were put into the ring
  std::atomic<std::uint32_t> wants_room = 0;  // counts up when the parent begins to wait for room
  std::atomic<std::uint32_t> spare = 0;       // threads that may help with the unit now
};

// Written by the worker.
struct WorkerPage {
  std::atomic<std::uint64_t> taken = 0;   // bytes of the unit that the ring need not keep
  std::atomic<std::uint64_t> beat = 0;    // counts up while something goes on
  std::atomic<std::uint32_t> hungry = 0;  // 1 while it waits for bytes
  std::atomic<std::uint32_t> trail_size = 0;
  std::array<char, 3072> trail = {};  // the node that it began last, as trail_bytes() of it
};

// Memory that both processes map; unmapped with its owner.
class SharedMemory {
 public:
  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  // A page and a ring from the descriptor of such memory.
  static Result<SharedMemory> map(int fd, bool with_ring, bool writable);
  [[nodiscard]] std::byte* page() const { return begin_; }
  [[nodiscard]] std::byte* ring() const;

 private:
  std::byte* begin_ = nullptr;
  std::size_t size_ = 0;
};

// The parent's side.
class RingWriter {
 public:
  static Result<RingWriter> create();
  // For the worker, to be mapped there.
  [[nodiscard]] int input() const { return input_fd_.get(); }
  [[nodiscard]] int page() const { return page_fd_.get(); }

  // Before a unit, while the worker is idle.
  void begin();
  // Where bytes may be put: one piece.  nullopt when the worker's position cannot be.
  std::optional<std::span<std::byte>> room();
  // The first n bytes of it are there; true when the worker waits for them and must be woken.
  bool publish(std::size_t n);
  // The parent is about to wait for room; the worker says when half of the ring is free.
  void ask_for_room();
  [[nodiscard]] std::uint64_t filled() const { return filled_; }
  // Threads that may help the worker with the unit from now on.
  void set_spare(unsigned threads) { parent_page().spare.store(threads); }

  // What changes while the worker does anything at all.
  [[nodiscard]] std::uint64_t progress() const;
  // The node that it began last; nullopt when it does not say so properly.
  [[nodiscard]] std::optional<Trail> trail() const;
  [[nodiscard]] WorkerPage& worker_page() const;

 private:
  [[nodiscard]] ParentPage& parent_page() const;
  Fd input_fd_, page_fd_;
  SharedMemory input_, page_;
  std::uint64_t filled_ = 0;
  std::uint64_t taken_ = 0;  // as last believed
};

// The worker's side: the bytes of one unit after another.
class RingSource final : public Source {
 public:
  struct Wake {
    std::function<void()> wait;  // returns once the parent said something
    std::function<void()> room;  // tells the parent that there is room again
  };
  static Result<std::unique_ptr<RingSource>> map(int input, int page, Wake wake);

  // The next unit.
  void begin();
  // There are no bytes beyond those in the ring; why, when that is not their end.
  void end(std::optional<Error> fault);
  void beat() { worker_page().beat.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::atomic<std::uint64_t>& pulse() { return worker_page().beat; }
  [[nodiscard]] unsigned spare() const { return parent_page().spare.load(); }
  void at(const Trail& trail);

  ByteView peek(std::size_t want) override;
  void skip(std::size_t n) override;
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] std::optional<Error> fault() const override { return fault_; }

 private:
  explicit RingSource(Wake wake) : wake_(std::move(wake)) {}
  [[nodiscard]] const ParentPage& parent_page() const;
  [[nodiscard]] WorkerPage& worker_page() const;
  [[nodiscard]] std::size_t in_ring() const;
  // Waits until the ring holds `want` bytes or all that is left; how many it holds then.
  std::size_t wait_for(std::size_t want);
  void take(std::size_t n);  // from the ring

  Wake wake_;
  SharedMemory input_, page_;
  std::uint64_t position_ = 0;
  std::uint64_t taken_ = 0;     // from the ring; ahead of position_ by what is in own_
  std::uint32_t answered_ = 0;  // the last wants_room that was answered
  std::vector<std::byte> own_;  // for peeks that are wider than half of the ring
  std::size_t own_begin_ = 0;
  bool ended_ = false;
  std::optional<Error> fault_;
};

}  // namespace minescan::examine::worker
