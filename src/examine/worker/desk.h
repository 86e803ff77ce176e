#pragma once
// A place at which units are examined and tasks are done one after another, each by a worker
// process: the memory that both share, and the worker, which is replaced when it died or did
// enough.  One thread.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/source.h"
#include "examine/worker/messages.h"
#include "examine/worker/nursery.h"
#include "examine/worker/ring.h"
#include "model/observer.h"
#include "model/record.h"
#include "model/task.h"

namespace minescan::examine::worker {

// After so many units or bytes a worker is replaced, so that what one of them did to it does not
// reach all others, and memory in pieces does not stay.  A new one costs as much as 50 small
// packages: page tables, databases, and patterns that each worker compiles when it first needs
// them.  Replaced after 128 units, 200 packages of 25 kB took 15 % more processor time.
inline constexpr unsigned kMostUnits = 1024;
inline constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

class Desk {
 public:
  // A worker that makes no progress for `patience` is ended: it takes no bytes, does not beat
  // (ring.h), and says nothing whole but that there is room.  So is one for which was waited longer
  // than kMostSeconds (confine.h) in all, whatever progress it shows.  `examines`: units come too,
  // not only tasks.
  Desk(Nursery& nursery, std::chrono::milliseconds patience, bool examines = true)
      : nursery_(nursery), patience_(patience), examines_(examines) {}
  ~Desk();
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  struct Outcome {
    std::optional<Record> record;  // nothing when the worker was lost
    Inspection inspection;         // when asked for
    bool read_to_end = false;      // whether all that the source gave was examined
    Gap lost;                      // of a worker that was lost: where it was, and how it ended
    std::uint64_t events = 0;      // what the observer was told until now
  };
  // Puts the source's bytes before a worker.  The observer is called on this thread, after the
  // first `told` events, which it has seen when the same unit was examined before: the same bytes
  // give the same events.  Without observer and inspection, as many threads as `spare` says from
  // moment to moment may help the worker; nullptr = none.  A unit that they cannot help with loses
  // its worker, and is to be tried again without.
  Outcome examine(const Order& order, Source& source, Observer* observer, std::uint64_t told = 0,
                  const std::atomic<unsigned>* spare = nullptr);

  struct Performed {
    Result<void> done;
    bool lost = false;  // the worker; another one may do it
  };
  // Does a task.  The errors of a worker that was lost are Code::worker_crash and worker_timeout.
  Performed perform(Task task, TaskStream& stream);

  // Ends the worker; the next unit gets a new one.
  void replace();

  // Has a new worker try what no worker may (confine.h).
  struct Attempted {
    bool possible = false;
    std::string what;  // what stopped it
  };
  Result<Attempted> attempt(std::size_t number);

 private:
  enum class Heard { nothing, bytes, closed };
  // Why a unit ended without a record.
  struct Loss {
    GapReason reason = GapReason::worker_crash;
    std::string what;
  };
  class Unit;

  Result<void> ready();
  Heard listen(std::chrono::milliseconds wait);
  // Ends the worker and says how it ended.
  Loss how_it_ended();

  Nursery& nursery_;
  const std::chrono::milliseconds patience_;
  const bool examines_;
  std::optional<RingWriter> ring_;
  Fd socket_;
  pid_t worker_ = 0;
  FrameReader reader_;
  bool busy_ = false;
  unsigned units_ = 0;
  std::uint64_t bytes_ = 0;
};

// How a process ended, by what waitpid() said of it.
std::string ending(int status);

}  // namespace minescan::examine::worker
