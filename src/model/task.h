#pragma once
// Pure functions of untrusted bytes that are called where they can do no harm: in a confined worker
// process.  The room that owns one writes what it takes and gives as bytes (base/wire.h) and reads
// the answer as hostile; app/tasks.cpp has the table.

#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "base/result.h"

namespace minescan {

enum class Task : std::uint8_t {
  lockfile,     // lockfiles/apart.h
  facts,        // review/apart.h
  changes,      // review/apart.h
  simple_page,  // acquire/packages/simple_page.h
  archive,      // acquire/archive_headers.h
};
inline constexpr Task kLastTask = Task::archive;

// Threads may use it at once.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  // What takes an answer, whose bytes die on return.  False when it is none that the function
  // gives: then whoever gave it is not trusted any more.
  using Take = std::function<bool(ByteView answer)>;
  // Done when an answer was taken.  `input` is at most kMostTaskBytes (model/limits.h).  Errors:
  // Code::worker_crash and worker_timeout when two workers in a row were lost or not trusted,
  // limit_bytes, limit_memory, io.  They do not name what was read; callers do.
  virtual Result<void> run(Task task, ByteView input, const Take& take) = 0;
};

}  // namespace minescan
