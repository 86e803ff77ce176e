#pragma once
// Pure functions of untrusted bytes that are called where they can do no harm: in a confined worker
// process.  The room that owns one writes what it takes and gives as bytes (base/wire.h) and reads
// the answer as hostile; app/tasks.cpp has the table.

#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/source.h"

namespace minescan {

enum class Task : std::uint8_t {
  lockfile,        // lockfiles/apart.h
  facts,           // review/apart.h
  changes,         // review/apart.h
  simple_page,     // acquire/packages/simple_page.h
  archive,         // acquire/archive_headers.h
  unpack,          // acquire/unpacked_archive.h
  project_config,  // acquire/packages/project_config.h
};
inline constexpr Task kLastTask = Task::project_config;

// Whether a task makes something of its input as it reads it, before it answers.
constexpr bool makes_something(Task task) { return task == Task::unpack; }
// How it hands that on, as much at once as there is.  False when nobody wants more: then it is to
// end, whatever it answers.
using Give = std::function<bool(ByteView made)>;

// What goes into a task and comes out of it, when it is not held in memory.
class TaskStream {
 public:
  virtual ~TaskStream() = default;
  // The input from its start, which lives until the next call.  Called anew when a worker was lost:
  // what was taken until then means nothing.
  virtual Result<Source*> begin() = 0;
  // What was made next, as hostile as an answer; never empty.  An Error ends the task and becomes
  // its own: a limit, a full disk.
  virtual Result<void> take(ByteView made) = 0;
  // The answer, behind all that was made.  False when it is none that the function gives: then
  // whoever gave it is not trusted any more.
  virtual bool end(ByteView answer) = 0;
};

// Threads may use it at once.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  // Done when an answer was taken.  Errors: Code::worker_crash and worker_timeout when two workers
  // in a row were lost or not trusted, limit_memory, io, and the stream's own.  They do not name
  // what was read; callers do.
  virtual Result<void> run_stream(Task task, TaskStream& stream) = 0;

  // What takes an answer, whose bytes die on return; as TaskStream::end().
  using Take = std::function<bool(ByteView answer)>;
  // The same with an input of at most kMostTaskBytes (model/limits.h) and nothing but an answer.
  // Code::limit_bytes when there is more.
  Result<void> run(Task task, ByteView input, const Take& take);
};

// Does a task in this process, where there is no worker.
Result<void> run_here(TaskStream& stream,
                      const std::function<std::string(Source& input, const Give& give)>& perform);

}  // namespace minescan
