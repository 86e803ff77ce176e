#pragma once
// Threads that examine members of a unit's archive while the walk goes on, where cores have nothing
// else to do: a large layer does not leave them idle.  What comes out is the same to the byte:
// parts are put together in the archive's order (Examination::settle), and where bounds of the
// whole unit would have to be known for that, the unit is examined once more without.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "match/matcher.h"

namespace minescan::examine {

// Smaller members cost more to hand over than to examine.  Larger ones would have to be held in
// memory, and all that are examined aside at one time are held.
inline constexpr std::uint64_t kLeastAside = std::uint64_t{32} << 10;
inline constexpr std::uint64_t kMostAside = std::uint64_t{32} << 20;
inline constexpr std::uint64_t kMostHeldAside = std::uint64_t{48} << 20;
// Decompression cannot feed more of them.
inline constexpr unsigned kMostThreadsAside = 7;

// Used by one thread, that of the walk.
class Aside {
 public:
  // Has the matcher to itself until it returns; throws nothing.
  using Work = std::function<void(match::Matcher&)>;

  // `spare` is asked how many threads may be at work now.  `pulse` as of Matcher::set_pulse.
  Aside(std::shared_ptr<const match::SignatureSet> signatures, std::function<unsigned()> spare,
        std::atomic<std::uint64_t>* pulse, std::uint64_t least = kLeastAside)
      : signatures_(std::move(signatures)),
        spare_(std::move(spare)),
        pulse_(pulse),
        least_(least) {}
  // All work must be done.
  ~Aside();
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  // A unit begins.
  void begin() { spoiled_ = false; }
  // Members from so many bytes on are for threads.
  [[nodiscard]] std::uint64_t least() const { return least_; }
  // Whether a thread waits for work; may make one.  True until start().
  bool has_room();
  void start(Work work);

  // Of the unit at hand: whether its record is not what an examination without threads gives.
  void spoil() { spoiled_ = true; }
  [[nodiscard]] bool spoiled() const { return spoiled_; }

 private:
  struct Hand {
    std::unique_ptr<match::Matcher> matcher;
    Work work;  // empty = idle
    std::thread thread;
  };
  void run(Hand& hand);

  std::shared_ptr<const match::SignatureSet> signatures_;
  std::function<unsigned()> spare_;
  std::atomic<std::uint64_t>* pulse_;
  std::uint64_t least_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Hand>> hands_;
  bool stop_ = false;
  bool spoiled_ = false;
};

}  // namespace minescan::examine
